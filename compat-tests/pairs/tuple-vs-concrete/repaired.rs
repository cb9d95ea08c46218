type Key = String;

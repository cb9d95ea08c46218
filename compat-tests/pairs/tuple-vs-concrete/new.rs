type Key = (String,);

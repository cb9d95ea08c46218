//! Redis: values of two releases under keys of one server, on this machine.

use std::error::Error;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use redis::TypedCommands as _;
use stores::{order, release_1, versions};
use typeser::versions::Frame;

/// Stops the server at the end of the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn values_of_two_releases() -> Result<(), Box<dyn Error>> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
    let mut server = Command::new("redis-server");
    server.args(["--bind", "127.0.0.1", "--port", &port, "--save", "", "--appendonly", "no"]).stdout(Stdio::null());
    let Ok(server) = server.spawn() else {
        eprintln!("skipped: `redis-server` is not installed");
        return Ok(());
    };
    let _server = Server(server);
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}/"))?;
    let mut connection = client.get_connection();
    for _ in 0..100 {
        if connection.is_err() {
            std::thread::sleep(Duration::from_millis(50));
            connection = client.get_connection();
        }
    }
    let mut connection = connection?;

    let first = release_1::versions(Frame::Fingerprint)?;
    connection.set("order:1", first.encode(&release_1::order(1))?)?;

    let second = versions(Frame::Fingerprint)?;
    connection.set("order:2", second.encode(&order(2))?)?;
    for id in 1..=2 {
        let stored: Vec<u8> = redis::cmd("GET").arg(format!("order:{id}")).query(&mut connection)?;
        assert_eq!(second.decode(&stored)?, order(id));
        assert_eq!(second.which(&stored)?, [["1.0.0"], ["today"]][id as usize - 1]);
    }
    Ok(())
}

//! The pool of RTP ports: an even port per leg, bound while it is held and back in the pool when dropped.
//!
//! Ports are handed out in rotation, so that one just freed rests before the next call gets it and
//! late packets of the old call do not reach the new one.

use std::net::{IpAddr, SocketAddr};
use std::ops::{Deref, RangeInclusive};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::UdpSocket;

/// No port could be handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "no RTP port is free: {in_use} of {total} are in use and {busy} are taken by other programs; widen the range"
)]
pub struct PortsExhausted {
    /// Ports of the range held by our calls.
    pub in_use: usize,
    /// Ports that could not be bound.
    pub busy: usize,
    /// Even ports in the range.
    pub total: usize,
}

/// A pool of even UDP ports on one address. Cheap to clone; clones share the ports.
#[derive(Debug, Clone)]
pub struct RtpPorts {
    pool: Arc<Pool>,
}

#[derive(Debug)]
struct Pool {
    ip: IpAddr,
    first: u16,
    slots: Mutex<Slots>,
}

#[derive(Debug)]
struct Slots {
    /// Whether the port `first + 2 * index` is held.
    held: Vec<bool>,
    in_use: usize,
    /// Where the next search begins.
    next: usize,
}

impl RtpPorts {
    /// A pool of the even ports in `range`; port 0 is never one of them.
    pub fn new(ip: IpAddr, range: RangeInclusive<u16>) -> Self {
        let first = (*range.start()).max(1).checked_next_multiple_of(2);
        let first = first.filter(|p| p <= range.end());
        let total = first.map_or(0, |first| usize::from((range.end() - first) / 2) + 1);
        let slots = Slots {
            held: vec![false; total],
            in_use: 0,
            next: 0,
        };
        RtpPorts {
            pool: Arc::new(Pool {
                ip,
                first: first.unwrap_or(0),
                slots: Mutex::new(slots),
            }),
        }
    }

    /// Binds the next free port in rotation; ports taken by other programs are passed over.
    ///
    /// # Errors
    /// [`PortsExhausted`] when a whole round finds none.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn take(&self) -> Result<RtpSocket, PortsExhausted> {
        // Held to the end of the search, so that it does not meet them again.
        let mut passed_over = Vec::new();
        while let Some(claim) = self.claim() {
            match bind(SocketAddr::new(self.pool.ip, claim.port())) {
                Ok(socket) => return Ok(RtpSocket { socket, claim }),
                Err(_) => passed_over.push(claim),
            }
        }
        let busy = passed_over.len();
        drop(passed_over);
        Err(PortsExhausted {
            in_use: self.in_use(),
            busy,
            total: self.total(),
        })
    }

    /// Ports held at the moment.
    pub fn in_use(&self) -> usize {
        self.pool.lock().in_use
    }

    /// Even ports in the range.
    pub fn total(&self) -> usize {
        self.pool.lock().held.len()
    }

    fn claim(&self) -> Option<Claim> {
        let index = self.pool.lock().claim()?;
        Some(Claim {
            pool: self.pool.clone(),
            index,
        })
    }
}

impl Pool {
    fn lock(&self) -> std::sync::MutexGuard<'_, Slots> {
        // Nothing panics while the lock is held, and the slots are consistent at every step.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slots {
    fn claim(&mut self) -> Option<usize> {
        let total = self.held.len();
        let index = (0..total)
            .map(|n| (self.next + n) % total)
            .find(|&i| !self.held[i])?;
        self.held[index] = true;
        self.in_use += 1;
        self.next = (index + 1) % total;
        Some(index)
    }

    fn release(&mut self, index: usize) {
        self.held[index] = false;
        self.in_use -= 1;
    }
}

/// A bound RTP socket; its port goes back to the pool when it is dropped.
#[derive(Debug)]
pub struct RtpSocket {
    // Dropped first: the socket is closed before its port can be claimed again.
    socket: UdpSocket,
    claim: Claim,
}

impl RtpSocket {
    /// The port, always even.
    pub fn port(&self) -> u16 {
        self.claim.port()
    }
}

impl Deref for RtpSocket {
    type Target = UdpSocket;

    fn deref(&self) -> &UdpSocket {
        &self.socket
    }
}

/// A held slot of the pool.
#[derive(Debug)]
struct Claim {
    pool: Arc<Pool>,
    index: usize,
}

impl Claim {
    fn port(&self) -> u16 {
        let offset = u16::try_from(self.index * 2).expect("an index counts ports of a u16 range");
        self.pool.first + offset
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.pool.lock().release(self.index);
    }
}

fn bind(addr: SocketAddr) -> std::io::Result<UdpSocket> {
    let socket = std::net::UdpSocket::bind(addr)?;
    socket.set_nonblocking(true)?;
    UdpSocket::from_std(socket)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::net::Ipv4Addr;

    use super::*;

    const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn a_range_counts_its_even_ports() {
        let cases = [
            (10..=10, 1),
            (11..=11, 0),
            (10..=13, 2),
            (11..=14, 2),
            (0..=4, 2),
            (65534..=65535, 1),
            (65535..=65535, 0),
        ];
        for (range, total) in cases {
            assert_eq!(
                RtpPorts::new(LOCALHOST, range.clone()).total(),
                total,
                "{range:?}"
            );
        }
        assert_eq!(RtpPorts::new(LOCALHOST, 1..=65535).total(), 32767);
    }

    #[tokio::test]
    async fn a_thousand_takes_and_drops_leave_the_pool_whole() {
        let ports = RtpPorts::new(LOCALHOST, 21000..=21099);
        let mut last = 0;
        for _ in 0..1000 {
            let socket = ports.take().unwrap();
            assert_eq!(socket.port() % 2, 0);
            assert_eq!(socket.local_addr().unwrap().port(), socket.port());
            assert_ne!(socket.port(), last, "a port just freed came straight back");
            last = socket.port();
        }
        assert_eq!(ports.in_use(), 0);
    }

    #[tokio::test]
    async fn a_port_taken_by_another_program_is_passed_over_and_not_lost() {
        let foreign = std::net::UdpSocket::bind((LOCALHOST, 21102)).unwrap();
        let ports = RtpPorts::new(LOCALHOST, 21100..=21104);
        let (a, b) = (ports.take().unwrap(), ports.take().unwrap());
        assert_eq!((a.port(), b.port()), (21100, 21104));
        assert_eq!(
            ports.take().unwrap_err(),
            PortsExhausted {
                in_use: 2,
                busy: 1,
                total: 3
            }
        );
        drop(foreign);
        assert_eq!(ports.take().unwrap().port(), 21102);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn concurrent_users_never_share_a_port() {
        let ports = RtpPorts::new(LOCALHOST, 21200..=21399);
        let users: Vec<_> = (0..4)
            .map(|_| {
                let ports = ports.clone();
                tokio::spawn(
                    async move { (0..25).map(|_| ports.take().unwrap()).collect::<Vec<_>>() },
                )
            })
            .collect();
        let mut held = Vec::new();
        for user in users {
            held.extend(user.await.unwrap());
        }
        let distinct: HashSet<u16> = held.iter().map(RtpSocket::port).collect();
        assert_eq!((distinct.len(), ports.in_use()), (100, 100));
        assert_eq!(ports.take().unwrap_err().in_use, 100);
        drop(held);
        assert_eq!(ports.in_use(), 0);
    }

    #[test]
    fn an_empty_pool_is_exhausted_at_once() {
        let ports = RtpPorts::new(LOCALHOST, 9..=9);
        assert_eq!(
            ports.take().unwrap_err(),
            PortsExhausted {
                in_use: 0,
                busy: 0,
                total: 0
            }
        );
    }
}

//! The frame path does not allocate: a counting allocator watches one leg for ten seconds.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

use sidetone_media::frame::{FRAME_DURATION, SILENT_FRAME};
use sidetone_media::g711::Law;
use sidetone_media::history::AudioRing;
use sidetone_media::inbound::{Inbound, InboundConfig};
use sidetone_media::outbound::Outbound;
use sidetone_media::playout::{Playout, PromptId};
use sidetone_media::sdp::{Direction, MediaPlan};
use sidetone_media::vad::Vad;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call is handed to the system's allocator unchanged; counting touches only a
// thread-local number that needs no allocation itself.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps to the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: `pointer` came from `System.alloc` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_leg_runs_for_ten_seconds_without_allocating() {
    let remote = "198.51.100.9:5004".parse().unwrap();
    let plan = MediaPlan {
        remote,
        law: Law::Mu,
        payload_type: 0,
        telephone_event: Some(101),
        direction: Direction::SendRecv,
    };
    let mut phone = Outbound::new(plan, 1, 0, 0);
    let mut inbound = Inbound::new(plan, InboundConfig::default());
    let mut outbound = Outbound::new(plan, 2, 0, 0);
    let mut playout = Playout::new();
    let mut history = AudioRing::default();
    let mut vad = Vad::default();
    playout
        .push(PromptId(1), vec![1000; 40_000].into())
        .unwrap();
    phone.press('5', Duration::from_millis(100)).unwrap();

    let before = ALLOCATIONS.get();
    let (mut sent, mut digits) = (0, 0);
    for tick in 0..500 {
        let now = FRAME_DURATION * tick;
        let datagram = phone.packet(&[3000; 160]);
        // One packet in seven is lost, so that concealment runs too.
        if tick % 7 != 3 {
            inbound.handle_packet(now, remote, datagram);
        }
        let mut frame = SILENT_FRAME;
        let kind = inbound.poll_frame(now, &mut frame);
        vad.mark(&frame, kind, playout.is_playing());
        history.push(&frame);
        playout.fill(&mut frame);
        digits += usize::from(inbound.poll_digit().is_some());
        while playout.poll_event().is_some() {}
        sent += outbound.packet(&frame).len();
    }
    assert_eq!(ALLOCATIONS.get() - before, 0);
    assert_eq!((sent, digits), (500 * 172, 1));
}

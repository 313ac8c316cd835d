package import AlulaPrimitives

/// Time as a waiter for a lock meets it; tests bring their own.
package struct LockPause: Sendable {
    /// The wall clock, which the notes in lock files are written by.
    package var now: @Sendable () -> Timestamp
    /// Waits; blocks the calling thread.
    package var sleep: @Sendable (Duration) -> Void
    /// A number from 0 to 1, so that waiters don't come back together.
    package var random: @Sendable () -> Double

    package init(
        now: @escaping @Sendable () -> Timestamp, sleep: @escaping @Sendable (Duration) -> Void,
        random: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.sleep = sleep
        self.random = random
    }

    /// The machine's time.
    package static let system = LockPause(
        now: { WallClock.now() }, sleep: { SystemThread.sleep(for: $0) }, random: { Double.random(in: 0...1) })
}

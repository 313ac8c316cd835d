/// How long a gateway may take, in milliseconds, before it counts against it. Lateness is measured elsewhere; these are
/// bounds for what was lost or wrong, and hold on a busy machine.
package enum Patience {
    /// One answer. A caller for whom nothing was prepared waits for two reads at most, of two seconds each.
    package static let answerMilliseconds = 4500.0
    /// One call that changes something and answers once a warm has covered it. One warm may be under way, and each may wait
    /// for a worker that says nothing for five seconds, or for a helper.
    package static let changeMilliseconds = 15_000.0
    /// From an edit to answers that show it.
    package static let editMilliseconds = 3000.0
    /// From the end of a fault to answers that are whole again.
    package static let recoveryMilliseconds = 60_000.0
}

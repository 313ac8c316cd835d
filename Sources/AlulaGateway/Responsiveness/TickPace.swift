/// How often threads are asked to come by: often while there is work, seldom while there is none, which spares the
/// processor. A late tick is seen as exactly either way.
struct TickPace: Sendable {
    /// Time between two ticks while there is work.
    static let period = Duration.milliseconds(20)
    /// Time between two ticks while there is none. A stall of 250 ms is still always noticed.
    static let quietPeriod = Duration.milliseconds(150)
    /// Ticks of one thread without work after which it is quiet: about a second.
    private static let ticksToQuiet = 50
    /// What a tick with work before it takes back: one alone, such as a page that had to be loaded, is no work yet.
    private static let setback = 10
    /// The part of the time between two ticks that is work.
    private static let busyShare = 20

    private var quietTicks = 0
    /// Whether somebody looks closely just now.
    var isWatched = false { didSet { if isWatched { quietTicks = 0 } } }

    /// Time between two ticks as things are.
    var period: Duration { quietTicks >= Self.ticksToQuiet && !isWatched ? Self.quietPeriod : Self.period }

    /// Notes a tick of a thread that has worked for so long since its last one.
    ///
    /// - Parameter isFirst: Whether it is the thread whose ticks without work are counted; work counts on all of them.
    mutating func ticked(afterWorking busy: Duration, isFirst: Bool) {
        if busy > period / Self.busyShare {
            quietTicks = max(quietTicks - Self.setback, 0)
        } else if isFirst {
            quietTicks = min(quietTicks + 1, Self.ticksToQuiet)
        }
    }
}

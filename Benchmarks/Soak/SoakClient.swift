import AlulaMeasuring

/// Somebody on a connection of his own.
protocol SoakClient: AnyObject {
    /// Who asks what, for people.
    var question: String { get }
    /// For `poll`.
    var interest: SocketInterest { get }
    /// When ``expire(_:)`` is called.
    var due: MonotonicTime { get }

    /// Goes on after the socket became ready.
    ///
    /// - Returns: Whether it is over.
    func advance(_ stage: SoakStage) throws(BenchmarkError) -> Bool
    /// The time is over that it had, or that it wanted to wait.
    ///
    /// - Returns: Whether it is over.
    func expire(_ stage: SoakStage) throws(BenchmarkError) -> Bool
}

/// One of the things that a soak does all the time.
protocol SoakLane: AnyObject {
    /// Does what is due. Never blocks for long.
    func step(_ stage: SoakStage) throws
    /// Begins nothing any more, and puts in order what it has left in disorder. Called again and again.
    ///
    /// - Returns: Whether all is in order.
    func finish(_ stage: SoakStage) throws -> Bool
}

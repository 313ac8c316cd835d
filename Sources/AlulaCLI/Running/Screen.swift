/// The whole screen of a terminal, ours until ``leave()``.
package protocol Screen: Sendable {
    var size: ScreenSize { get }
    /// What happens at the terminal; ends with the first event that asks for the end.
    var events: AsyncStream<ScreenEvent> { get }
    /// Shows lines in place of those before. Blocks until they are taken. Does nothing while somebody else has the terminal.
    func show(_ lines: [String])
    /// Gives the terminal back as it was. The second time it does nothing.
    func leave()
}

/// What happens at a terminal.
package enum ScreenEvent: Hashable, Sendable {
    /// The size is another, somebody else has drawn on it, or a person wants to see it anew.
    case redraw
    /// A person wants to leave.
    case quit
    /// The process is told to end by a signal.
    case ended(signal: Int32)
}

/// Lets a person edit a text in a program of their own.
package protocol TextEditing: Sendable {
    /// Puts `text` into a file in a new directory, both of which nobody else can read.
    ///
    /// - Parameter path: The file that the text is from: the copy has its name, and lies near it.
    /// - Returns: The copy's path.
    func makeCopy(of text: [UInt8], from path: String) async throws -> String
    /// Opens the copy in `editor`, a command line, and waits until that ends.
    ///
    /// - Returns: The editor's exit code; -1 when it ended otherwise.
    func edit(_ copy: String, with editor: String) async throws -> Int32
    /// What is in the copy now.
    func read(_ copy: String) async throws -> [UInt8]
    /// Removes the copy with everything that the editor left beside it.
    func discard(_ copy: String) async
}

/// For surroundings without an editor.
package struct NoEditor: TextEditing {
    package init() {}

    package func makeCopy(of text: [UInt8], from path: String) async throws -> String { throw Self.refusal }
    package func edit(_ copy: String, with editor: String) async throws -> Int32 { throw Self.refusal }
    package func read(_ copy: String) async throws -> [UInt8] { throw Self.refusal }
    package func discard(_ copy: String) async {}

    private static let refusal = CommandError(.unavailable, "No editor can be started here.")
}

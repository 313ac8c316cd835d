package import AlulaJSON

/// What a support bundle needs from the machine besides what commands have.
package protocol SupportMachine: Sendable {
    /// System, limits and size of the machine; no names of machines or people.
    func description() async throws -> JSONValue
    /// What lies in `directory` and below, down to a bound, without opening or following anything.
    func look(at directory: String) async throws -> SupportListing
    /// `bytes` through the machine's `gzip`; `nil` when there is none.
    func compress(_ bytes: [UInt8]) async throws -> [UInt8]?
    /// Makes a file that only its owner can read.
    ///
    /// - Throws: ``CommandError`` when there is one already, or when it can't be written; nothing is left behind then.
    func create(_ path: String, _ bytes: [UInt8]) async throws
}

/// A look at a directory.
package struct SupportListing: Sendable {
    var found: [StateDigest.Found]
    /// Whether there was more than is listed.
    var isCut: Bool
}

/// A command line without a machine.
struct NoSupportMachine: SupportMachine {
    private static let absence = CommandError(.unavailable, "There is no machine here that could be described.")

    func description() async throws -> JSONValue { throw Self.absence }
    func look(at directory: String) async throws -> SupportListing { throw Self.absence }
    func compress(_ bytes: [UInt8]) async throws -> [UInt8]? { nil }
    func create(_ path: String, _ bytes: [UInt8]) async throws { throw Self.absence }
}

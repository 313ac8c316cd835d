import AlulaSystem

/// One reader of bytes that others wrote, with what has to hold for whatever they wrote.
///
/// The same check runs under libFuzzer, which makes up the bytes, and in the tests, which replay the bytes that were kept.
package struct FuzzTarget: Sendable {
    /// The name of its corpus.
    package let name: String
    /// Longer inputs are not made up; they would only be slower.
    package let maximumBytes: Int
    private let check: @Sendable (FuzzInput) throws -> Void

    init(_ name: String, maximumBytes: Int = 4096, check: @escaping @Sendable (FuzzInput) throws -> Void) {
        self.name = name
        self.maximumBytes = maximumBytes
        self.check = check
    }

    /// Runs the check. Some read files, so it may block.
    ///
    /// - Throws: ``BrokenProperty``, or what the code under test throws and should not.
    package func run(_ bytes: [UInt8]) throws {
        try BlockingContext.permit { try check(FuzzInput(bytes)) }
    }

    /// All of them, in the order of their names.
    package static let all: [FuzzTarget] = [
        ambientFiles, callbacks, chatRequests, chatStreams, configuration, configurationEdit, deviceFiles, deviceProof,
        embeddingRequests, frames,
        handshake, heads, helperAnswers, json, json5, json5Edit, messageRequests, messageStreams, models,
        passes, providerStreams, quotas, redaction, responseRequests, responseStreams, stores, texts, toolLogins,
        workerMessages,
    ].sorted { $0.name < $1.name }

    /// The target of this name, or `nil`.
    package static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// Something that has to hold and does not.
package struct BrokenProperty: Error, CustomStringConvertible {
    package let description: String
}

/// Throws unless `holds`; `what` says in words what should have held.
func require(_ holds: Bool, _ what: @autoclosure () -> String) throws(BrokenProperty) {
    guard holds else { throw BrokenProperty(description: what()) }
}

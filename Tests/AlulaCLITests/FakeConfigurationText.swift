import AlulaConfiguration
import AlulaState
import Synchronization

@testable import AlulaCLI

/// A configuration file in memory, and a person who edits it: each opening of the editor leaves the next text.
final class FakeConfigurationText: ConfigurationTextHolding, TextEditing {
    static let path = "/home/me/.openclaw/openclaw.json"
    static let copy = "/private/copy"

    private struct State {
        var text: String?
        var copy: String?
        var edits: [String]
        var status: Int32 = 0
        var commands: [String] = []
        /// Another program's text, which comes while the editor is open.
        var intrusion: String?
    }

    private let state: Mutex<State>

    init(text: String?, edits: [String] = [], status: Int32 = 0, intrusion: String? = nil) {
        state = Mutex(State(text: text, edits: edits, status: status, intrusion: intrusion))
    }

    var text: String? { state.withLock { $0.text } }
    /// What lies in the private directory.
    var copied: String? { state.withLock { $0.copy } }
    /// How the editor was called.
    var commands: [String] { state.withLock { $0.commands } }

    private var editor: ConfigurationEditor {
        let text = text
        return ConfigurationEditor(
            path: Self.path,
            readFile: { (path, _) throws(ConfigurationError) in
                guard path == Self.path, let text else { return nil }
                return ConfigurationFile(bytes: Array(text.utf8), realPath: path)
            })
    }

    // MARK: ConfigurationTextHolding

    func begin() async throws -> ConfigurationSnapshot { editor.snapshot() }

    func check(
        _ text: [UInt8], replacing snapshot: ConfigurationSnapshot, acceptingMistakes: Bool
    ) async throws -> ConfigurationEditor.Outcome {
        try editor.apply(.file(text, acceptsMistakes: acceptingMistakes), to: snapshot)
    }

    func write(_ outcome: ConfigurationEditor.Outcome) async throws {
        for change in outcome.changes {
            try state.withLock { state in
                guard state.text.map({ Array($0.utf8) }) == change.before else {
                    throw StateError(.fileChanged, "The configuration was changed by somebody else meanwhile.")
                }
                state.text = String(decoding: change.after, as: UTF8.self)
            }
        }
    }

    // MARK: TextEditing

    func makeCopy(of text: [UInt8], from path: String) async throws -> String {
        state.withLock { $0.copy = String(decoding: text, as: UTF8.self) }
        return Self.copy
    }

    func edit(_ copy: String, with editor: String) async throws -> Int32 {
        state.withLock { state in
            state.commands.append("\(editor) \(copy)")
            if !state.edits.isEmpty { state.copy = state.edits.removeFirst() }
            if let intrusion = state.intrusion { state.text = intrusion }
            return state.status
        }
    }

    func read(_ copy: String) async throws -> [UInt8] { state.withLock { Array(($0.copy ?? "").utf8) } }
    func discard(_ copy: String) async { state.withLock { $0.copy = nil } }
}

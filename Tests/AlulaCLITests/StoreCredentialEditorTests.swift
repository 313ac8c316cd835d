import AlulaJSON
import AlulaPrimitives
import AlulaState
import AlulaSystem
import Foundation
import Testing

@testable import AlulaCLI

struct StoreCredentialEditorTests {
    private let root = NSTemporaryDirectory() + "alula-cli-" + UUID().uuidString
    private let now = Timestamp(milliseconds: 1_780_000_000_000)

    private var layout: StateLayout {
        StateLayout(
            request: .init(stateDirectory: root), variables: [:], currentDirectory: "/", exists: { _ in false })
    }

    private var place: CredentialPlace {
        CredentialPlace(agent: .main, directory: layout.mainAgentDirectory, isMain: true)
    }

    private func editor(variables: [String: String] = [:]) -> StoreCredentialEditor {
        StoreCredentialEditor(layout: layout, pool: BlockingPool(), variables: variables, now: { now })
    }

    private func document(_ name: String) throws -> JSONValue {
        let text = try String(contentsOfFile: "\(place.directory)/\(name)", encoding: .utf8)
        return try JSONValue.parse(text)
    }

    private func write(_ text: String, to name: String) throws {
        try FileManager.default.createDirectory(atPath: place.directory, withIntermediateDirectories: true)
        try text.write(toFile: "\(place.directory)/\(name)", atomically: true, encoding: .utf8)
    }

    private func removeRoot() throws {
        if FileManager.default.fileExists(atPath: root) { try FileManager.default.removeItem(atPath: root) }
    }

    @Test func aKeyLandsInTheStore() async throws {
        let path = try await editor().storeAPIKey(
            Secret("sk-fake\n"), as: "groq:default", provider: "groq", in: place)
        #expect(path == "\(place.directory)/auth-profiles.json")
        #expect(
            try document("auth-profiles.json")["profiles"]?["groq:default"] == [
                "type": "api_key", "provider": "groq", "key": "sk-fake",
            ])
        try removeRoot()
    }

    @Test func ordersComeAndGo() async throws {
        let editor = editor()
        #expect(try await editor.order(of: "openai", in: place) == nil)
        try await editor.setOrder(["openai:b", "openai:a"], of: "openai", in: place)
        #expect(try await editor.order(of: "openai", in: place) == ["openai:b", "openai:a"])
        try await editor.clearOrder(of: "openai", in: place)
        #expect(try await editor.order(of: "openai", in: place) == nil)
        try removeRoot()
    }

    @Test func onlyChosenCooldownsEnd() async throws {
        try write(
            #"{"version":1,"usageStats":{"a:x":{"cooldownUntil":1780000099000,"errorCount":2},"b:x":{"cooldownUntil":1780000099000,"errorCount":1}}}"#,
            to: "auth-state.json")
        try write(
            #"{"version":1,"profiles":{"a:x":{"type":"api_key","provider":"a","key":"k1"},"b:x":{"type":"api_key","provider":"b","key":"k2"}}}"#,
            to: "auth-profiles.json")
        let cleared = try await editor().clearCooldowns(in: place) { _, provider in provider == "a" }
        #expect(cleared == ["a:x"])
        let state = try document("auth-state.json")
        #expect(state["usageStats"]?["a:x"]?["cooldownUntil"] == nil)
        #expect(state["usageStats"]?["b:x"]?["cooldownUntil"] == 1_780_000_099_000)
        try removeRoot()
    }

    @Test func lookingAtNothingMakesNothing() async throws {
        let editor = editor()
        #expect(try await editor.signOut(of: "openai", in: place) == [])
        #expect(try await editor.clearCooldowns(in: place) { _, _ in true } == [])
        try await editor.clearOrder(of: "openai", in: place)
        #expect(!FileManager.default.fileExists(atPath: root))
    }

    @Test func aReadOnlyStoreIsLeftAlone() async throws {
        let editor = editor(variables: ["OPENCLAW_AUTH_STORE_READONLY": "1"])
        await #expect {
            _ = try await editor.storeAPIKey(Secret("sk-fake"), as: "groq:default", provider: "groq", in: place)
        } throws: { error in
            (error as? CommandError)?.code == .storeUnavailable
        }
        #expect(!FileManager.default.fileExists(atPath: "\(place.directory)/auth-profiles.json"))
        try removeRoot()
    }
}

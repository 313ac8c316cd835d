import AlulaJSON
import AlulaPrimitives
import Foundation
import Synchronization
import Testing

@testable import AlulaConfiguration

/// What happens to files that nobody would write on purpose.
struct ConfigurationRobustnessTests {
    @Test func theDeepestFileIsReadOnASmallStack() throws {
        let deepest = IncludeExpander.maximumNesting - 1
        let text =
            "{ channels: " + String(repeating: "{apiKey:[", count: (deepest - 1) / 2) + "'${A}'"
            + String(repeating: "]}", count: (deepest - 1) / 2) + "}"
        let shown = Mutex("")
        let finished = DispatchSemaphore(value: 0)
        let thread = Thread {
            if case .loaded(let loaded) = MemoryFiles(main: text).load() {
                let plan = ReloadPlan(from: loaded.resolved, to: .object(JSONObject()))
                shown.withLock { $0 = loaded.view.value.text() + "\(plan.changedPaths.count)" }
            }
            finished.signal()
        }
        thread.stackSize = 512 << 10
        thread.start()
        finished.wait()
        #expect(shown.withLock { $0 }.hasPrefix("{\"channels\""))
    }

    @Test func aTextOfBrokenReferencesIsReadInOnePass() throws {
        for part in ["${", "${A", "$${", "$", "${A}"] {
            let text = String(repeating: part, count: 200_000)
            let loaded = try MemoryFiles(main: "{ui: {x: '\(text)'}}").loaded()
            #expect(loaded.problems.count == (part == "${A}" ? 1 : 0))
        }
    }

    /// Changes single bytes of a whole configuration; whatever comes out, it must come out.
    @Test func everyDamageLeadsToAnOutcome() {
        let text = """
            { gateway: { port: 19001, auth: { token: "${TOKEN}" } }, models: { providers: { a: { baseUrl: 'http://h/v1',
              apiKey: { source: 'env', id: 'KEY' }, models: [ { id: 'm', cost: { input: 1.5 } } ] } } },
              agents: { list: [ { id: 'a', model: { primary: 'a/m' } } ], defaults: { models: { 'a/m': { alias: 'x' } } } },
              auth: { profiles: { 'a:b': { provider: 'a', mode: 'token' } }, order: { a: [ 'a:b' ] } }, env: { vars: { A: 'b' } } }
            """
        let bytes = Array(text.utf8)
        for place in bytes.indices {
            for damage in [
                UInt8(0), 0x22, 0x27, 0x24, 0x2C, 0x5B, 0x5D, 0x7B, 0x7D, 0x2F, 0x30, 0x5C, 0x0A, 0xC3, 0xFF,
            ] {
                var damaged = bytes
                damaged[place] = damage
                let files = MemoryFiles()
                files.set(
                    MemoryFiles.mainPath,
                    .success(ConfigurationFile(bytes: damaged, realPath: MemoryFiles.mainPath)))
                switch files.load() {
                case .loaded(let loaded): #expect(loaded.configuration.agents.agents.filter(\.isDefault).count == 1)
                case .unreadable(let problems, _): #expect(problems.contains { $0.severity == .error })
                }
            }
        }
    }
}

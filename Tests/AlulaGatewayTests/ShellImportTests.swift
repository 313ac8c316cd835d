import AlulaPrimitives
import AlulaState
import AlulaSystem
import Testing

@testable import AlulaGateway

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct ShellImportTests {
    private let pool = BlockingPool()

    /// What is imported from a shell that runs `script` instead of what it is told to.
    private func imported(
        _ script: String, configuration: String = "{}", _ variables: [String: String] = [:]
    ) async throws -> [String: String] {
        let scene = try Installation(configuration)
        let shell = try scene.write("#!/bin/sh\n\(script)\n", to: "shell", mode: 0o700)
        let variables = variables.merging(["SHELL": shell, "HOME": scene.home, "PATH": "/usr/bin:/bin"]) { own, _ in own
        }
        return await ShellImport.variables(from: variables, pool: pool, settings: scene.load()).mapValues(\.exposed)
    }

    @Test(
        arguments: [
            ("{}", [:], false), ("{env: {shellEnv: {enabled: true}}}", [:], true),
            ("{env: {shellEnv: {enabled: false}}}", ["OPENCLAW_LOAD_SHELL_ENV": "1"], true),
            ("{}", ["ALULA_LOAD_SHELL_ENV": "1"], true), ("{}", ["ALULA_LOAD_SHELL_ENV": "0"], false),
            ("{}", ["ALULA_LOAD_SHELL_ENV": "true"], false),
        ] as [(String, [String: String], Bool)])
    func isDoneOnlyWhenTheOwnerWantsIt(configuration: String, variables: [String: String], isWanted: Bool) throws {
        let state = try Installation(configuration).load()
        #expect(ShellImport.isWanted(state, variables: variables) == isWanted)
    }

    @Test func takesWhatTheShellExportsAndNothingThatItPrints() async throws {
        let found = try await imported(#"printf 'Welcome\nA=1\n\0B=two words\0C=x=y\0'"#)
        #expect(found == ["B": "two words", "C": "x=y"])
    }

    @Test func aLoginShellIsAskedWithNothingOfOurs() async throws {
        let found = try await imported(#"[ "$1" = -l ] && printf '\0'; env -0"#, ["OPENAI_API_KEY": "sk-fake-CANARY"])
        #expect(found["HOME"] != nil)
        #expect(found["OPENAI_API_KEY"] == nil)
    }

    @Test(arguments: ["exit 1", "printf 'A=1'", "kill -9 $$"])
    func aShellThatFailsGivesNothing(script: String) async throws {
        #expect(try await imported(script).isEmpty)
    }

    @Test func aShellThatIsNotThereGivesNothing() async throws {
        #expect(try await imported("", ["SHELL": "/nowhere/sh"]).isEmpty)
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            ("{env: {shellEnv: {timeoutMs: 20}}}", [:]), ("{}", ["ALULA_SHELL_ENV_TIMEOUT_MS": "20"]),
            ("{}", ["OPENCLAW_SHELL_ENV_TIMEOUT_MS": "20"]), ("{}", ["ALULA_SHELL_ENV_TIMEOUT_MS": "-7"]),
            (
                "{env: {shellEnv: {timeoutMs: 120000}}}",
                ["ALULA_SHELL_ENV_TIMEOUT_MS": "20", "OPENCLAW_SHELL_ENV_TIMEOUT_MS": "120000"]
            ),
        ] as [(String, [String: String])])
    func aShellThatHangsGivesNothing(configuration: String, variables: [String: String]) async throws {
        // It waits for a pipe into which nobody writes.
        let gate = "/tmp/alula-shell-gate.\(getpid()).\(UInt64.random(in: .min ... .max))"
        try #require(mkfifo(gate, 0o600) == 0)
        defer { unlink(gate) }
        let found = try await imported("read line <'\(gate)'", configuration: configuration, variables)
        #expect(found.isEmpty)
    }
}

import AlulaPrimitives
import AlulaSystem
import AlulaTestSupport
import Testing

@testable import AlulaState

struct LoginShellTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func ask(_ profile: String, limit: Duration = .seconds(30)) throws -> [String: String] {
        try directory.write(".profile", profile)
        return try BlockingContext.permit {
            try LoginShell.environment(
                from: ["HOME": directory.path, "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin", "SECRET": "fake-secret"],
                deadline: .after(limit))
        }
    }

    @Test func tellsWhatTheStartFilesSet() throws {
        let variables = try ask("echo welcome=home\nexport GREETING='a b\nc'\n")
        #expect(variables["GREETING"] == "a b\nc")
        #expect(variables["welcome"] == nil)
    }

    @Test func passesOnNothingThatAShellDoesNotNeed() throws {
        #expect(try ask("")["SECRET"] == nil)
    }

    @Test func givesUpOnAShellThatHangs() throws {
        let error = #expect(throws: StateError.self) { try ask("sleep 600", limit: .milliseconds(100)) }
        #expect(error?.code == .shellFailed)
        #expect((error?.underlying as? SystemError)?.code == .deadlineExceeded)
    }

    @Test func givesUpOnAShellThatFails() throws {
        #expect(#expect(throws: StateError.self) { try ask("exit 3") }?.code == .shellFailed)
    }

    @Test func readsEntriesEndedByNUL() {
        #expect(LoginShell.parse(Array("noise=1\0A=1\0B=x=y\0C=\0=D\0E\0".utf8)) == ["A": "1", "B": "x=y", "C": ""])
    }
}

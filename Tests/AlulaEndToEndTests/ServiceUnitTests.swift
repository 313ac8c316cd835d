import AlulaPrimitives
import AlulaSystem
import Testing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct ServiceUnitTests {
    /// `/proc/self/exe` in a unit is systemd.
    @Test func theUnitNamesTheProgramWhereItLies() async throws {
        let installation = try Installation()
        let printed = try await installation.alula("service", "install", "--print")
        #expect(printed.status == 0, "\(printed.errors)")
        let program = try await BlockingPool().run("follow the path", deadline: .after(.seconds(60))) {
            try Directory.realPath(Installation.program)
        }
        #expect(printed.output.contains("ExecStart=\(program) gateway run"))
    }
}

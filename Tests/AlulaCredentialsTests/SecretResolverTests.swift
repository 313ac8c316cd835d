import AlulaAuth
import AlulaPrimitives
import AlulaSystem
import Synchronization
import Testing

@testable import AlulaCredentials

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct SecretResolverTests {
    private let scratch: ScratchDirectory
    private let pool = BlockingPool()

    init() throws { scratch = try ScratchDirectory() }

    private func script(_ text: String, name: String = "helper", mode: UInt32 = 0o700) throws -> String {
        try scratch.write("#!/bin/sh\n\(text)\n", to: name, mode: mode)
    }

    private func answer(_ values: String) -> String {
        "cat >/dev/null; echo '{\"protocolVersion\":1,\"values\":\(values)}'"
    }

    private func resolve(
        _ command: SecretHelperCommand, ids: [String] = ["a"], variables: [String: Secret] = [:]
    ) async -> ResolvedSecrets {
        let resolver = SecretResolver(pool: pool, helpers: SecretHelpers(pool: pool))
        return await resolver.resolve(
            Set(ids.map { SecretReference(source: .helper, provider: "vault", id: $0) }),
            sources: ["vault": .helper(command)], variables: variables)
    }

    private func code(_ resolved: ResolvedSecrets, id: String = "a") -> SecretResolutionError.Code? {
        let reference = SecretReference(source: .helper, provider: "vault", id: id)
        if case .failure(let error)? = resolved.values[reference] { return error.code }
        return nil
    }

    private func secret(_ resolved: ResolvedSecrets, id: String = "a") -> String? {
        resolved[SecretReference(source: .helper, provider: "vault", id: id)]?.exposed
    }

    // MARK: Other sources

    @Test func takesVariablesThatMayBeHandedOut() async throws {
        let resolver = SecretResolver(pool: pool, helpers: SecretHelpers(pool: pool))
        func reference(_ alias: String, _ id: String) -> SecretReference {
            SecretReference(source: .environment, provider: alias, id: id)
        }
        let references = [
            reference("default", "A"), reference("default", "BLANK"), reference("default", "GONE"),
            reference("default", "lower"), reference("some", "A"), reference("some", "B"), reference("other", "A"),
            SecretReference(source: .file, provider: "some", id: "/a"),
            SecretReference(source: .store, provider: "default", id: "A"),
        ]
        let resolved = await resolver.resolve(
            Set(references), sources: ["some": .environment(allowlist: ["A"])],
            variables: ["A": Secret("sk-fake"), "B": Secret("sk-fake"), "BLANK": Secret(" \n")])
        let codes = references.map { reference -> SecretResolutionError.Code? in
            if case .failure(let error)? = resolved.values[reference] { error.code } else { nil }
        }
        #expect(
            codes == [
                nil, .notFound, .notFound, .invalidReference, nil, .notAllowed, .unknownProvider, .unknownProvider,
                .unsupportedSource,
            ])
        #expect(resolved[references[0]]?.exposed == "sk-fake")
    }

    @Test func aPersonsOwnDefaultAliasShadowsTheImplicitOne() async throws {
        let resolver = SecretResolver(pool: pool, helpers: SecretHelpers(pool: pool))
        let reference = SecretReference(source: .environment, provider: "default", id: "A")
        let resolved = await resolver.resolve(
            [reference], sources: ["default": .environment(allowlist: [])], variables: ["A": Secret("sk-fake")])
        #expect(resolved[reference] == nil)
    }

    @Test func readsFilesOfSecrets() async throws {
        let json = try scratch.write(#"{"a":{"b":"sk-fake"}}"#, to: "secrets.json")
        let single = try scratch.write("sk-other\n", to: "single")
        let open = try scratch.write("{}", to: "open.json", mode: 0o644)
        func file(_ path: String, single: Bool = false) -> SecretSource {
            .file(path: path, isSingleValue: single, timeout: .seconds(5), maximum: .mebibytes(1))
        }
        func reference(_ alias: String, _ id: String) -> SecretReference {
            SecretReference(source: .file, provider: alias, id: id)
        }
        let resolver = SecretResolver(pool: pool, helpers: SecretHelpers(pool: pool))
        let resolved = await resolver.resolve(
            [
                reference("json", "/a/b"), reference("json", "/c"), reference("single", "value"),
                reference("open", "/a"), reference("gone", "/a"),
            ],
            sources: [
                "json": file(json), "single": file(single, single: true), "open": file(open),
                "gone": file(scratch.path("gone")),
            ], variables: [:])
        #expect(resolved[reference("json", "/a/b")]?.exposed == "sk-fake")
        #expect(resolved[reference("single", "value")]?.exposed == "sk-other")
        #expect(resolved.readings["json"]?.fact?.ids == ["/a/b": .present, "/c": .missing(code: "NOT_FOUND")])
        #expect(resolved.readings["gone"] == .absent)
        guard case .failed(let problem)? = resolved.readings["open"] else {
            Issue.record("expected a problem")
            return
        }
        #expect(problem.code == .permissionsTooOpen)
    }

    // MARK: Helpers

    @Test func asksAHelperOnceForAllIDs() async throws {
        let command = try script(
            "cat > \(scratch.path("question"))\necho run >> \(scratch.path("runs"))\n"
                + #"echo '{"protocolVersion":1,"values":{"a":"sk-a","b":"sk-b"},"errors":{"c":{"code":"NOT_FOUND"}}}'"#)
        let resolved = await resolve(.init(command: command), ids: ["a", "b", "c"])
        #expect(secret(resolved) == "sk-a")
        #expect(secret(resolved, id: "b") == "sk-b")
        #expect(code(resolved, id: "c") == .notFound)
        #expect(
            resolved.readings["vault"]?.fact?.ids == ["a": .present, "b": .present, "c": .missing(code: "NOT_FOUND")])
        #expect(
            try scratch.read("question")
                == "{\"protocolVersion\":1,\"provider\":\"vault\",\"ids\":[\"a\",\"b\",\"c\"]}\n")
        #expect(try scratch.read("runs") == "run\n")
    }

    @Test func aHelperSeesNothingButItsOwnEnvironment() async throws {
        let command = SecretHelperCommand(
            command: "/usr/bin/env", acceptsPlainText: true, environment: ["TOKEN": Secret("t")],
            passedVariables: ["KEPT", "UNSET"])
        let resolved = await resolve(command, variables: ["KEPT": Secret("k"), "OTHER": Secret("o")])
        #expect(Set(try #require(secret(resolved)).split(separator: "\n")) == ["KEPT=k", "TOKEN=t"])
    }

    @Test func aHelperStartsInItsOwnDirectory() async throws {
        let resolved = await resolve(.init(command: try script("pwd"), acceptsPlainText: true))
        #expect(secret(resolved) == scratch.path)
    }

    @Test(arguments: [
        ("echo CANARY", SecretResolutionError.Code.malformedAnswer),
        (#"printf '{"protocolVersion":1,"values":{"a":"CAN'"#, .malformedAnswer),
        ("true", .malformedAnswer),
        (#"echo '{"protocolVersion":2,"values":{"a":"CANARY"}}'"#, .unsupportedVersion),
        ("echo CANARY >&2; exit 3", .helperFailed), ("kill -9 $$", .helperFailed),
        ("yes CANARY", .limitExceeded), ("yes CANARY >&2", .limitExceeded),
        // B83: it reads to the end of its input, and then waits for somebody who never comes.
        ("cat > /dev/null; sleep 600", .timedOut),
        // B82: it forks, and ignores a polite end.
        ("trap '' TERM; sleep 600 & sleep 600 & while :; do wait; sleep 1; done", .timedOut),
        ("printf ' '; sleep 600", .timedOut),
    ])
    func aHelperThatFailsIsEndedAndSaysNothing(text: String, code: SecretResolutionError.Code) async throws {
        let command = SecretHelperCommand(
            command: try script(text), timeout: .milliseconds(code == .timedOut ? 300 : 20_000),
            silenceTimeout: .seconds(20))
        let resolved = await resolve(command)
        #expect(self.code(resolved) == code)
        #expect(!"\(resolved)".contains("CANARY"))
        switch resolved.readings["vault"] {
        case .timedOut(300)?: #expect(code == .timedOut)
        case .failed(let problem)?:
            #expect(code != .timedOut)
            #expect(problem.code == .helperFailed)
            #expect(!problem.remedy.isEmpty)
        default: Issue.record("expected a problem")
        }
    }

    @Test(.bug(id: "B82"), .timeLimit(.minutes(1))) func nothingThatAHelperStartedOutlivesIt() async throws {
        let command = SecretHelperCommand(
            command: try script("sleep 600 & echo $! > \(scratch.path("pid")); wait"), timeout: .seconds(3))
        #expect(code(await resolve(command)) == .timedOut)
        let pid = try #require(Int32(try scratch.read("pid").trimmed()))
        while BlockingContext.permit({ ProcessTable.isAlive(pid) }) { await Task.yield() }
    }

    @Test func endsAHelperThatIsSilent() async throws {
        let command = SecretHelperCommand(
            command: try script("sleep 600"), timeout: .seconds(60), silenceTimeout: .milliseconds(200))
        let resolved = await resolve(command)
        #expect(code(resolved) == .timedOut)
        #expect("\(resolved.values)".contains("helper of"))
    }

    @Test func refusesCommandsThatOthersCouldHavePutThere() async throws {
        let good = try script(answer(#"{"a":"sk-a"}"#))
        let link = try scratch.link("link", to: good)
        let writable = try script(answer(#"{"a":"sk-a"}"#), name: "writable", mode: 0o770)
        let open = try script(answer(#"{"a":"sk-a"}"#), name: "open/helper")
        try #require(chmod(scratch.path("open"), 0o777) == 0)
        func code(_ command: SecretHelperCommand) async -> SecretResolutionError.Code? {
            self.code(await resolve(command))
        }
        #expect(await code(.init(command: good)) == nil)
        #expect(await code(.init(command: "helper")) == .invalidSettings)
        #expect(await code(.init(command: scratch.path("gone"))) == .sourceUnreadable)
        #expect(await code(.init(command: scratch.path)) == .insecurePath)
        #expect(await code(.init(command: link)) == .insecurePath)
        #expect(await code(.init(command: link, allowsSymbolicLink: true)) == nil)
        #expect(await code(.init(command: writable)) == .insecurePath)
        #expect(await code(.init(command: writable, allowsInsecurePath: true)) == nil)
        #expect(await code(.init(command: open)) == .insecurePath)
        #expect(await code(.init(command: good, trustedDirectories: ["/usr/bin", "/nowhere"])) == .insecurePath)
        #expect(await code(.init(command: good, trustedDirectories: [scratch.path])) == nil)
        let elsewhere = [scratch.path("elsewhere")]
        #expect(
            await code(.init(command: link, trustedDirectories: elsewhere, allowsSymbolicLink: true)) == .insecurePath)
    }

    @Test func refusesQuestionsBeyondTheLimits() async throws {
        let limits = SecretResolutionLimits(maximumReferencesPerProvider: 2, maximumBatch: .kibibytes(1))
        let helpers = SecretHelpers(pool: pool, limits: limits)
        let command = SecretHelperCommand(command: try script(answer("{}")))
        func ask(_ ids: Set<String>) async -> SecretResolutionError.Code? {
            if case .failure(let error) = await helpers.ask("v", command: command, ids: ids, variables: [:]) {
                error.code
            } else {
                nil
            }
        }
        #expect(await ask(["a", "b"]) == nil)
        #expect(await ask(["a", "b", "c"]) == .limitExceeded)
        let long = String(repeating: "a", count: 600)
        #expect(await ask([long, long + "b"]) == .limitExceeded)
    }

    @Test(.bug(id: "B82")) func helpersDoNotPileUp() async throws {
        let runs = scratch.path("runs")
        let command = SecretHelperCommand(
            command: try script("echo run >> \(runs); cat >/dev/null; sleep 0.2; echo CANARY"), timeout: .seconds(20))
        let frozen = ContinuousClock.now
        let helpers = SecretHelpers(pool: pool, now: { frozen })
        await withDiscardingTaskGroup { group in
            for index in 0..<100 {
                group.addTask {
                    _ = await helpers.ask("v", command: command, ids: ["id\(index % 7)"], variables: [:])
                }
            }
        }
        // The first run's failure answers everybody: who waited for it, and who comes while the helper rests.
        #expect(try scratch.read("runs") == "run\n")
        #expect(await helpers.busyAliases.isEmpty)
    }

    @Test func thoseWhoWaitShareTheNextRun() async throws {
        let runs = scratch.path("runs")
        let gate = scratch.path("gate")
        let command = SecretHelperCommand(
            command: try script(
                "echo run >> \(runs); until [ -e \(gate) ]; do sleep 0.02; done; "
                    + answer(#"{"a":"sk-a","b":"sk-b","c":"sk-c"}"#)), timeout: .seconds(60))
        let helpers = SecretHelpers(pool: pool)
        let found = try await withThrowingTaskGroup(of: Int.self) { group in
            for id in ["a", "b", "c", "a", "b", "c", "a", "b", "c"] {
                group.addTask {
                    let outcome = await helpers.ask("v", command: command, ids: [id], variables: [:])
                    guard case .success(let answer) = outcome, answer.keys.elementsEqual([id]) else { return 0 }
                    return 1
                }
            }
            while await helpers.waitingCallers < 9 { await Task.yield() }
            try scratch.write("", to: "gate")
            return try await group.reduce(0, +)
        }
        #expect(found == 9)
        #expect(try scratch.read("runs").split(separator: "\n").count == 2)
    }

    @Test(.bug(id: "B82")) func restsLongerAfterEachFailure() async throws {
        let runs = scratch.path("runs")
        let now = Mutex(ContinuousClock.now)
        let command = SecretHelperCommand(command: try script("echo run >> \(runs); exit 1"))
        let helpers = SecretHelpers(pool: pool, now: { now.withLock { $0 } })
        func runCount(after pause: Duration, retriesNow: Bool = false) async throws -> Int {
            now.withLock { $0 = $0.advanced(by: pause) }
            _ = await helpers.ask("v", command: command, ids: ["a"], variables: [:], retriesNow: retriesNow)
            return try scratch.read("runs").split(separator: "\n").count
        }
        #expect(try await runCount(after: .zero) == 1)
        #expect(try await runCount(after: .milliseconds(999)) == 1)
        #expect(try await runCount(after: .milliseconds(1)) == 2)
        #expect(try await runCount(after: .milliseconds(4999)) == 2)
        #expect(try await runCount(after: .milliseconds(1)) == 3)
        #expect(try await runCount(after: .seconds(29)) == 3)
        #expect(try await runCount(after: .zero, retriesNow: true) == 4)
        await helpers.forgetFailures()
        #expect(try await runCount(after: .zero) == 5)
    }

    @Test func runsAFewHelpersAtATime() async throws {
        let helpers = SecretHelpers(pool: pool, limits: .init(maximumConcurrency: 2))
        let command = SecretHelperCommand(
            command: try script(
                "cat >/dev/null; cd \(scratch.path); mkdir active.$$; ls -d active.* | wc -l >> counts; sleep 0.1; "
                    + #"rmdir active.$$; echo '{"protocolVersion":1,"values":{"a":"sk-a"}}'"#), timeout: .seconds(30))
        await withDiscardingTaskGroup { group in
            for index in 0..<8 {
                group.addTask { _ = await helpers.ask("v\(index)", command: command, ids: ["a"], variables: [:]) }
            }
        }
        let counts = try scratch.read("counts").split(separator: "\n").compactMap { Int(String($0).trimmed()) }
        #expect(counts.count == 8)
        #expect(counts.allSatisfy { $0 <= 2 })
    }
}

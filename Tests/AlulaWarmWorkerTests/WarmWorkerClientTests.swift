import AlulaAuth
import AlulaJSON
import AlulaPrimitives
import AlulaSystem
import Testing

@testable import AlulaWarmWorker

struct WarmWorkerClientTests {
    private let patience = Duration.seconds(60)

    @Test func returnsWhatTheWorkerSays() async throws {
        let client = FakeWorker.client(FakeWorker.good)
        let gathered = try await client.gather(FakeWorker.plan, deadline: .after(patience))
        #expect(
            gathered
                == GatheredFacts(readings: FakeWorker.readings, gathering: .worker, processorMilliseconds: 12.5))
    }

    // upstream: 10.2 2
    @Test func startsThisVeryProgramByDefault() {
        let command = WarmWorkerClient().command
        #expect(command.executable == ChildProcess.ownExecutable)
        #expect(command.arguments == ["__warm-worker"])
        #expect(Set(command.environment.keys) == ["PATH", "LANG"])
    }

    // upstream: 10.1 15
    @Test func tellsTheWorkerNothingButThePlan() async throws {
        let directory = try ScratchDirectory()
        let script = """
            \(FakeWorker.hello)
            cat >'\(directory.path)/request'
            env >'\(directory.path)/environment'
            \(FakeWorker.answer)
            \(FakeWorker.done)
            """
        _ = try await FakeWorker.client(script).gather(FakeWorker.plan, deadline: .after(patience))

        var decoder = FrameDecoder()
        decoder.append(try directory.bytes("request"))
        let request = try #require(try decoder.next())
        #expect(decoder.isEmpty)
        #expect(
            try JSONValue.parse(request)
                == ["schema": 1, "generation": 1, "plan": FactCoding.encode(FakeWorker.plan)])
        // The shell itself adds the other three.
        let names = try directory.text("environment").split(separator: "\n").map { $0.prefix { $0 != "=" } }
        #expect(Set(names).subtracting(["PWD", "SHLVL", "_", "OLDPWD"]) == ["PATH", "LANG"])
    }

    @Test(arguments: [
        ("says nothing", "exit 0", GatherError.Code.exited),
        ("fails at once", "exit 3", .exited),
        ("only greets", FakeWorker.hello, .exited),
        ("greets and fails", "\(FakeWorker.hello); exit 3", .exited),
        ("answers and doesn't end it", "\(FakeWorker.hello); cat >/dev/null; \(FakeWorker.answer)", .exited),
        ("answers and fails", "\(FakeWorker.good); exit 1", .exited),
        ("is killed", "\(FakeWorker.hello); kill -9 $$", .exited),
        ("is killed in a frame", "\(FakeWorker.sayHalf(WorkerHello(pid: 1).frame)); kill -9 $$", .exited),
        ("falls silent", "\(FakeWorker.hello); exec >&-; exec sleep 600", .exited),
        ("greets by half", FakeWorker.sayHalf(WorkerHello(pid: 1).frame), .malformedAnswer),
        (
            "ends in its last word",
            "\(FakeWorker.hello); cat >/dev/null; \(FakeWorker.answer); \(FakeWorker.sayHalf(FakeWorker.done(count: 2)))",
            .malformedAnswer
        ),
        ("prints text", "echo 'usage: alula [options]'", .malformedAnswer),
        ("never stops", "exec yes", .malformedAnswer),
        ("says an empty frame", FakeWorker.say([0, 0, 0, 0]), .malformedAnswer),
        ("says no JSON", FakeWorker.say([0, 0, 0, 2, 0x7B, 0x7B]), .malformedAnswer),
        ("is another program", FakeWorker.say(["schema": 1, "kind": "other", "pid": 1]), .malformedAnswer),
        ("is a newer one", FakeWorker.say(["schema": 2, "greeting": "hi"]), .versionMismatch),
        ("says too little", "\(FakeWorker.hello); cat >/dev/null; \(FakeWorker.done)", .malformedAnswer),
        (
            "leaves out a source",
            "\(FakeWorker.hello); cat >/dev/null; \(FakeWorker.say([FakeWorker.readings[0]])); "
                + FakeWorker.say(FakeWorker.done(count: 1)), .malformedAnswer
        ),
        (
            "answers twice for one source",
            "\(FakeWorker.hello); cat >/dev/null; "
                + FakeWorker.say([FakeWorker.readings[0], FakeWorker.readings[0]]) + "; \(FakeWorker.done)",
            .malformedAnswer
        ),
        (
            "says too much",
            "\(FakeWorker.hello); cat >/dev/null; \(FakeWorker.answer); \(FakeWorker.answer); \(FakeWorker.done)",
            .malformedAnswer
        ),
        (
            "answers another request",
            "\(FakeWorker.hello); cat >/dev/null; \(FakeWorker.answer); "
                + FakeWorker.say(FakeWorker.done(generation: 9, count: 2)), .malformedAnswer
        ),
        ("goes on after the end", "\(FakeWorker.good); echo more", .malformedAnswer),
        ("says an unknown field", "\(FakeWorker.hello); \(FakeWorker.say(["readings": [], "x": 1]))", .malformedAnswer),
    ])
    func refusesAWorkerThat(behaviour: String, script: String, code: GatherError.Code) async throws {
        let error = await #expect(throws: GatherError.self) {
            try await FakeWorker.client(script).gather(FakeWorker.plan, deadline: .after(patience))
        }
        #expect(error?.code == code, "A worker that \(behaviour)")
    }

    @Test(arguments: ["exec sleep 600", "\(FakeWorker.hello); exec sleep 600", "kill -STOP $$"])
    func endsAWorkerAtTheDeadline(script: String) async {
        let error = await #expect(throws: GatherError.self) {
            try await FakeWorker.client(script).gather(FakeWorker.plan, deadline: .after(.milliseconds(200)))
        }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test(arguments: [
        ("kill -STOP $$", FakeWorker.plan),
        ("\(FakeWorker.hello); kill -STOP $$", FakeWorker.plan),
        // It stops before it takes a request that is larger than the pipe.
        ("\(FakeWorker.hello); kill -STOP $$", GatherPlan(items: (0..<20_000).map { .store($0) })),
        ("\(FakeWorker.hello); \(FakeWorker.takeRequest); \(FakeWorker.answer); kill -STOP $$", FakeWorker.plan),
    ])
    func endsAWorkerThatSaysNothingForLongerThanASourceMayTake(script: String, plan: GatherPlan) async {
        let hasty = GatherPlan(items: plan.items, sourceDeadlineMilliseconds: 50)
        let client = FakeWorker.client(script, patience: .milliseconds(100))
        let error = await #expect(throws: GatherError.self) {
            try await client.gather(hasty, deadline: .after(patience))
        }
        #expect(error?.code == .silent)
    }

    @Test func waitsForAWorkerThatKeepsSayingSomething() async throws {
        let plan = GatherPlan(items: (0..<8).map { .store($0) }, sourceDeadlineMilliseconds: 0)
        let readings = plan.items.map(\.absent)
        // Longer in all than it may be silent, and never silent for that long.
        let slowly = readings.map { "sleep 0.3; \(FakeWorker.say([$0]))" }
        let script = [FakeWorker.hello, FakeWorker.takeRequest] + slowly + [FakeWorker.say(FakeWorker.done(count: 8))]
        let client = FakeWorker.client(script.joined(separator: "\n"), patience: .seconds(2))
        let gathered = try await client.gather(plan, deadline: .after(patience))
        #expect(gathered.readings == readings)
    }

    @Test func doesNotEvenStartAfterTheDeadline() async throws {
        let directory = try ScratchDirectory()
        let error = await #expect(throws: GatherError.self) {
            try await FakeWorker.client("touch '\(directory.path)/trace'")
                .gather(FakeWorker.plan, deadline: .after(.zero))
        }
        #expect(error?.code == .deadlineExceeded)
        #expect(!directory.has("trace"))
    }

    @Test(arguments: ["/nowhere/alula", "/etc/passwd", "/"])
    func saysWhenNoWorkerCanBeStarted(executable: String) async {
        let client = WarmWorkerClient(executable: executable, arguments: [])
        let error = await #expect(throws: GatherError.self) {
            try await client.gather(FakeWorker.plan, deadline: .after(patience))
        }
        #expect(error?.code == .cannotStart)
        #expect(error?.message.contains(executable + " ") == false)
    }

    @Test func sendsPlansLargerThanAPipe() async throws {
        let plan = GatherPlan(items: (0..<5000).map { .store($0) })
        let readings = plan.items.map(\.absent)
        let directory = try ScratchDirectory()
        try directory.write(
            "answer", FrameEncoder.encode(WorkerAnswer.readingsFrame(readings.map { $0.factJSON.serialized() })))
        let script = """
            \(FakeWorker.hello); cat >/dev/null; cat '\(directory.path)/answer'
            \(FakeWorker.say(FakeWorker.done(count: 5000)))
            """
        let gathered = try await FakeWorker.client(script).gather(plan, deadline: .after(patience))
        #expect(gathered.readings == readings)
    }

    @Test func takesTheAnswerOfAWorkerThatCannotEnd() async throws {
        let client = FakeWorker.client("\(FakeWorker.good); exec sleep 600")
        let gathered = try await client.gather(FakeWorker.plan, deadline: .after(patience))
        #expect(gathered.readings == FakeWorker.readings)
    }

    @Test func countsItsRequests() async throws {
        let directory = try ScratchDirectory()
        // Says what it is told to be the right number only the second time.
        let script = """
            \(FakeWorker.hello); cat >/dev/null; \(FakeWorker.answer)
            if [ -e '\(directory.path)/again' ]; then \(FakeWorker.say(FakeWorker.done(generation: 2, count: 2)))
            else touch '\(directory.path)/again'; \(FakeWorker.done); fi
            """
        let client = FakeWorker.client(script)
        for _ in 0..<2 {
            let gathered = try await client.gather(FakeWorker.plan, deadline: .after(patience))
            #expect(gathered.readings == FakeWorker.readings)
        }
    }
}

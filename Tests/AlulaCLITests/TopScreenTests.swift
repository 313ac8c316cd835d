import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaCLI

struct TopScreenTests {
    private static let two = TopScene.history([
        TopScene.sample(), TopScene.sample(after: 2, page: TopScene.page(calls: 30, lateBy: 1)),
    ])

    private func text(_ history: TopHistory, _ change: (inout TopScreen) -> Void = { _ in }) -> String {
        var screen = TopScreen(history: history, columns: 100)
        change(&screen)
        return screen.lines.joined(separator: "\n")
    }

    @Test func showsEverythingThatThereIsToSay() {
        #expect(
            text(Self.two) == """
                alula top  20:26:42  ws://127.0.0.1:18789  1.2.3  pid 7
                Process   up 2 h 46 min, memory 34 MB, processor 10 %, files 23 of 1024
                Prepared  generation 7, 14 s ago, by worker
                Warm      ok (file-change) in 42 ms, 14 s ago, loops 6.5 ms late
                Lateness  ▂▃ over 10 ms now, at most over 10 ms in 2 s
                Clients   2 connected, 1 not let in yet, 1 webchat

                PROVIDER   STATE                    DETAIL
                groq       unavailable              no login
                anthropic  unavailable until 20:36  rate limited (profile anthropic:work)
                slow       unknown                  source_timed_out
                openai     available                env: OPENAI_API_KEY

                REQUEST        PER SECOND  TOTAL  FAILED  MEAN
                health         10          32     2       50 ms
                GET /healthz   0           7
                GET elsewhere  0           4      4
                HEAD /healthz  0           1      1

                CLIENT  KIND     ADDRESS   VERSION  LAST
                laptop  webchat  10.0.0.7  2.0      connect 20:25
                """)
    }

    @Test func aFirstSampleHasNoRates() {
        let shown = text(TopScene.history([TopScene.sample()]))
        #expect(shown.contains("health         -           12     2"))
        #expect(shown.contains("Lateness  ▂ 2.5 ms now\n"))
        #expect(!shown.contains("processor"))
    }

    @Test func aRunningWarmAndARetryAreShown() {
        let running: JSONValue = [
            "state": "running", "trigger": "reload", "runningSince": .number(TopScene.now.milliseconds - 3000),
            "generation": 3, "stale": true, "preparedAt": .number(TopScene.now.milliseconds - 3_600_000),
            "dirtySources": 4, "failedAttempts": 2, "nextRetryAt": .number(TopScene.now.milliseconds + 5000),
        ]
        let shown = text(TopScene.history([TopScene.sample(health: TopScene.health(warm: running))]))
        #expect(shown.contains("Warm      running (reload) for 3 s\n"))
        #expect(shown.contains("Prepared  generation 3, 1 h ago, stale, 4 sources to read again\n"))
        #expect(shown.contains("Retry     failed 2 times, again in 5 s\n"))
    }

    @Test func aFailedWarmSaysWhy() {
        let failed: JSONValue = [
            "state": "waiting", "generation": 0,
            "lastResult": ["outcome": "failed", "trigger": "start", "durationMs": 1500, "errorCode": "worker_crashed"],
        ]
        let shown = text(TopScene.history([TopScene.sample(health: TopScene.health(warm: failed))]))
        #expect(shown.contains("Prepared  nothing yet\n"))
        #expect(shown.contains("Warm      failed (start) in 1.5 s: worker_crashed\n"))
    }

    @Test func troublesOfTheConfigurationAndStallsAreShown() {
        let health = TopScene.health(
            loops: ["delayMaxMs": 3000, "degraded": true],
            configuration: ["hotReloadStatus": "failed", "problems": 1, "staleParts": ["logging"]])
        let shown = text(
            TopScene.history([
                TopScene.sample(), TopScene.sample(after: 2, page: TopScene.page(calls: 20, stalls: 2), health: health),
            ]))
        #expect(shown.contains("Config    1 problem, see alula config validate; not followed by logging; failed"))
        #expect(shown.contains("▂█ 3 s now, at most 3 s in 2 s, degraded, stalls 2"))
    }

    @Test func whatIsRefusedIsMissingAndSaysWhy() {
        var sample = TopScene.sample(page: nil, models: nil, presence: nil)
        sample.refusals = [.init(question: "/metrics", reason: "The gateway does not show /metrics to this caller.")]
        let shown = text(TopScene.history([sample]))
        #expect(shown.contains("/metrics: The gateway does not show /metrics to this caller."))
        #expect(!shown.contains("PROVIDER") && !shown.contains("REQUEST") && !shown.contains("CLIENT"))
        #expect(shown.contains("Warm      ok"))
    }

    @Test func aGatewayThatIsAwayIsToldAboveWhatWasKnown() {
        var history = Self.two
        history.lose(
            "The gateway closed the connection.", at: TopScene.now.advanced(by: .seconds(3)), elapsed: .seconds(103))
        let shown = text(history)
        #expect(shown.contains("\nNo answer since 20:26:43: The gateway closed the connection.\n"))
        #expect(shown.contains("anthropic"))
        #expect(shown.contains("health         -"))
        #expect(shown.contains("▂▃  , at most over 10 ms in 3 s"))
    }

    @Test func nothingIsKnownWithoutASample() {
        #expect(text(TopHistory()) == "alula top")
    }

    // MARK: Room

    /// Every size that a terminal may have: nothing is wider or higher than it, and nothing traps.
    @Test func everySizeIsKept() {
        let wide: JSONValue = ["provider": "提供商提供商提供商", "inUse": true, "available": true, "evidence": "環境変数"]
        let history = TopScene.history([
            TopScene.sample(models: TopScene.models([wide, TopScene.groq, TopScene.anthropic])),
            TopScene.sample(after: 2, page: TopScene.page(calls: 30), models: TopScene.models([wide])),
        ])
        for columns in 0...130 {
            for rows in [0, 1, 2, 3, 5, 10, 15, 24, 60] {
                for (colours, unicode) in [(true, true), (false, false)] {
                    var screen = TopScreen(history: history, columns: columns, rows: rows)
                    (screen.usesColours, screen.usesUnicode, screen.hint) = (colours, unicode, "q quits")
                    let lines = screen.lines
                    #expect(lines.count <= rows)
                    #expect(lines.allSatisfy { $0.withoutEscapes.displayWidth <= columns }, "\(columns)x\(rows)")
                    if !unicode {
                        #expect(!lines.joined().contains("…") && !lines.joined().contains("▁"))
                    }
                }
            }
        }
    }

    @Test func fortyColumnsAreEnough() {
        #expect(
            text(Self.two) { $0.columns = 40 } == """
                alula top  20:26:42  ws://127.0.0.1:187…
                Process   up 2 h 46 min, memory 34 MB, …
                Prepared  generation 7, 14 s ago, by wo…
                Warm      ok (file-change) in 42 ms, 14…
                Lateness  over 10 ms now, at most over …
                Clients   2 connected, 1 not let in yet…

                PROVIDER   STATE            DETAIL
                groq       no               no login
                anthropic  no, until 20:36  rate limite…
                slow       ?                source_time…
                openai     yes              env: OPENAI…

                REQUEST        /S  TOTAL  FAILED  MEAN
                health         10  32     2       50 ms
                GET /healthz   0   7
                GET elsewhere  0   4      4
                HEAD /healthz  0   1      1

                CLIENT  KIND     ADDRESS   VERSION  LAST
                laptop  webchat  10.0.0.7  2.0      con…
                """)
    }

    @Test func aLowScreenSharesItsRowsAndSaysWhatIsMissing() {
        let shown = text(Self.two) {
            $0.rows = 20
            $0.hint = "q quits"
        }
        let lines = shown.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 20)
        #expect(lines.last == "q quits")
        #expect(shown.contains("PROVIDER") && shown.contains("REQUEST") && shown.contains("CLIENT"))
        #expect(shown.contains("… 2 more"))
        #expect(shown.contains("laptop"))
    }

    @Test(arguments: [
        (10, [3, 3, 3], [3, 3, 3]), (6, [9, 1, 9], [3, 1, 2]), (0, [1, 1], [0, 0]), (-3, [1], [0]),
        (9, [2, 0, 20], [2, 0, 7]),
    ])
    func rowsAreSharedFairly(_ height: Int, _ wants: [Int], _ given: [Int]) {
        #expect(TopScreen.share(height, among: wants) == given)
    }

    @Test func aFullScreenHasItsHintInTheLastRow() {
        let shown = text(Self.two) {
            $0.rows = 40
            $0.hint = "q quits"
        }
        #expect(shown.split(separator: "\n", omittingEmptySubsequences: false).count == 40)
        #expect(shown.hasSuffix("\n\nq quits"))
    }

    // MARK: What comes from outside

    /// A client names itself, a provider is named in a file: neither may move the cursor or hide what stands beside it.
    @Test(arguments: [true, false]) func nothingFromOutsideReachesTheTerminalButText(colours: Bool) {
        let evil = "x\u{1B}]0;owned\u{7}\u{1B}[2J\u{9B}5A\r\n\u{202E}\u{2028}y"
        let row: JSONValue = ["provider": .string(evil), "inUse": true, "available": false, "reason": .string(evil)]
        let client: JSONValue = [
            "host": .string(evil), "mode": .string(evil), "ip": .string(evil), "version": .string(evil),
            "reason": .string(evil), "ts": 1,
        ]
        let warm: JSONValue = [
            "generation": 1, "gatheredBy": .string(evil), "state": "running", "trigger": .string(evil),
            "lastResult": ["outcome": .string(evil), "errorCode": .string(evil)],
        ]
        let health = TopScene.health(
            warm: warm, configuration: ["hotReloadStatus": .string(evil), "staleParts": [.string(evil)]])
        let page = TopScene.page(calls: 1) + "alula_calls_total{method=\"a\u{1B}[2J\",outcome=\"ok\"} 1\n"
        var sample = TopScene.sample(page: page, health: health, models: TopScene.models([row]), presence: [client])
        sample.url = "ws://\(evil)"
        sample.hello = ["server": ["version": .string(evil)]]
        sample.refusals = [.init(question: evil, reason: evil)]
        var history = TopScene.history([sample])
        history.lose(evil, at: TopScene.now, elapsed: .seconds(101))
        for line in text(history, { $0.usesColours = colours }).split(separator: "\n", omittingEmptySubsequences: false)
        {
            var rest = line[...]
            // Our own colours are the only escapes.
            while let escape = rest.firstIndex(of: "\u{1B}") {
                #expect(
                    ["\u{1B}[1m", "\u{1B}[2m", "\u{1B}[31m", "\u{1B}[32m", "\u{1B}[33m", "\u{1B}[0m"].contains {
                        rest[escape...].hasPrefix($0)
                    })
                rest = rest[rest.index(after: escape)...]
            }
            #expect(
                line.unicodeScalars.allSatisfy { scalar in
                    switch scalar.properties.generalCategory {
                    case .control: colours && scalar == "\u{1B}"
                    case .format, .lineSeparator, .paragraphSeparator: false
                    default: true
                    }
                }, "\(line.debugDescription)")
        }
    }

    @Test(arguments: [
        JSONValue.number(Int64.max), .number(Int64.min), .number(1e308), .number(-1e308), .number(0), "x", .null, [],
        [:], true,
    ])
    func numbersThatMakeNoSenseDoNoHarm(_ value: JSONValue) {
        let warm: JSONValue = [
            "generation": value, "preparedAt": value, "state": "running", "runningSince": value,
            "failedAttempts": value,
            "nextRetryAt": value, "dirtySources": value,
            "lastResult": ["outcome": "ok", "endedAt": value, "durationMs": value, "eventLoopMaxMs": value],
        ]
        let row: JSONValue = ["provider": value, "inUse": value, "available": false, "unavailableUntil": value]
        let number = value.double.map { "\($0)" } ?? "1"
        let page = TopScene.page(calls: 1).split(separator: "\n").map { line in
            line.split(separator: " ").dropLast().joined(separator: " ") + " " + number
        }.joined(separator: "\n")
        let health = TopScene.health(
            warm: warm, loops: ["delayMaxMs": value, "degraded": value],
            configuration: ["problems": value, "staleParts": value])
        let samples = [0, 2].map { second in
            TopScene.sample(
                after: second, page: second == 0 ? TopScene.page(calls: 1) : page, health: health,
                models: TopScene.models([row, value]), presence: [["ts": value, "mode": value], value])
        }
        #expect(text(TopScene.history(samples)).hasPrefix("alula top"))
        for sample in samples {
            #expect(TopPayload(history: TopScene.history([sample]), at: TopScene.now).value.object != nil)
        }
    }

    @Test(
        arguments: [
            (0, "0"), (0.004, "0"), (0.04, "0.04"), (0.5, "0.5"), (2, "2"), (9.96, "10"), (17.4, "17"),
            (1234.5, "1235"),
            (.infinity, "9000000000000000"), (-1, "0"), (.nan, "0"), (0.999, "1"), (1.05, "1.1"),
        ] as [(Double, String)])
    func numbersHaveTheDigitsThatCount(_ value: Double, _ text: String) {
        #expect(TopWords.number(value) == text)
    }

    @Test(
        arguments: [
            (0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (3660, "1 h 1 min"),
            (86_400, "1 d"),
            (90_000, "1 d 1 h"), (-5, "0 s"),
        ] as [(Int, String)])
    func agesAreShort(_ seconds: Int, _ text: String) {
        #expect(TopWords.age(.seconds(seconds)) == text)
    }

    @Test(
        arguments: [(0, "0 ms"), (0.05, "50 µs"), (2.5, "2.5 ms"), (999, "999 ms"), (1500, "1.5 s")]
            as [(Double, String)])
    func millisecondsHaveTheirUnit(_ value: Double, _ text: String) {
        #expect(TopWords.milliseconds(value) == text)
    }
}

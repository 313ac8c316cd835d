import AlulaClient
import AlulaDiagnostics
import AlulaJSON
import AlulaPrimitives
import AlulaState
import AlulaSystem
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The built gateway takes down what requests take and cost, and the built command shows it.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct UsageEndToEndTests {
    private static let canary = "CANARY-of-a-prompt"

    private static func ask(
        _ gateway: GatewayUnderTest, _ model: String, _ members: String = "", path: String = "/v1/chat/completions"
    ) async throws -> String {
        let body =
            #"{"model":"\#(model)"\#(members),"max_tokens":50,"messages":[{"role":"user","content":"\#(canary) and three words"}]}"#
        return try await gateway.post(path, body)
    }

    private static func usage(_ gateway: GatewayUnderTest, by division: String) async throws -> JSONValue {
        let client = try await gateway.connect()
        let answer = try await client.call("usage.cost", ["groupBy": .string(division)], deadline: .after(.seconds(60)))
        await client.close()
        return answer
    }

    /// A gateway that asks another one, whose model costs two dollars to read and ten to write.
    private static func pair() async throws -> (behind: GatewayUnderTest, gateway: GatewayUnderTest) {
        let behind = try await Installation().startGateway()
        let installation = try Installation(variables: ["LAB_KEY": behind.token.exposed])
        try installation.write(
            "openclaw.json",
            """
            {models: {providers: {lab: {baseUrl: 'http://127.0.0.1:\(behind.port)/v1', api: 'openai-completions',
                apiKey: '${LAB_KEY}', models: [
                    {id: 'alula/echo', cost: {input: 2, output: 10, cacheRead: 0.2, cacheWrite: 0}},
                    {id: 'alula/echo?words=4'}, {id: 'alula/echo?fail=503', cost: {input: 2, output: 10}},
                ]}}},
             agents: {defaults: {model: 'lab/alula/echo?fail=503'}}}
            """)
        let gateway = try await installation.startGateway()
        try await gateway.waitUntilReady()
        return (behind, gateway)
    }

    @Test func whatRequestsTakeIsTakenDownPricedAndShown() async throws {
        let (behind, gateway) = try await Self.pair()
        let whole = try await Self.ask(gateway, "lab/alula/echo")
        #expect(whole.hasPrefix("HTTP/1.1 200"))
        let told = try JSONValue.parse(Array(whole.range(after: "\r\n\r\n").utf8))["usage"]
        let input = try #require(told?["prompt_tokens"]?.integer)
        let output = try #require(told?["completion_tokens"]?.integer)
        // A stream is counted whether its caller wants to know or not.
        #expect(try await Self.ask(gateway, "lab/alula/echo", #","stream":true"#).contains("[DONE]"))
        #expect(try await Self.ask(gateway, "lab/alula/echo", path: "/v1/messages").hasPrefix("HTTP/1.1 200"))
        let priced = try await Self.usage(gateway, by: "model")
        let row = try #require(priced["groups"]?.array?.first)
        #expect(row["provider"] == "lab" && row["model"] == "alula/echo" && row["requests"] == 3)
        #expect(row["input"]?.integer == 3 * input && row["output"]?.integer == 3 * output)
        #expect(row["missingCostEntries"] == 0 && row["incomplete"] == 0 && row["failed"] == 0)
        let dollars = (Double(3 * input * 2) + Double(3 * output * 10)) / 1e6
        #expect(abs((row["totalCost"]?.double ?? 0) - dollars) < 1e-12)

        // No price, nobody who answers, and a model that is free.
        #expect(try await Self.ask(gateway, "lab/alula/echo?words=4").hasPrefix("HTTP/1.1 200"))
        #expect(try await Self.ask(gateway, "lab/alula/echo?fail=503").hasPrefix("HTTP/1.1 5"))
        #expect(try await Self.ask(gateway, "alula/echo?words=2").hasPrefix("HTTP/1.1 200"))
        let all = try await Self.usage(gateway, by: "provider")
        #expect(all["totals"]?["requests"] == 6 && all["totals"]?["failed"] == 1)
        #expect(all["totals"]?["missingCostEntries"] == 1)
        #expect(all["groups"]?.array?.compactMap { $0["provider"]?.string } == ["lab", "alula"])

        let metrics = MetricsText(try await gateway.http("/metrics").range(after: "\r\n\r\n"))
        let labels = ["gen_ai_provider_name": "lab", "gen_ai_request_model": "alula/echo"]
        #expect(
            metrics.sum("gen_ai_client_token_usage_sum", where: labels.merging(["gen_ai_token_type": "input"]) { $1 })
                == Double(3 * input))
        #expect(metrics.sum("gen_ai_client_operation_duration_seconds_count", where: labels) == 3)
        #expect(metrics.sum("gen_ai_client_operation_duration_seconds_count") == 6)
        #expect(metrics.sum("alula_usage_records_total", where: ["result": "written"]) == 6)
        #expect(metrics.sum("alula_usage_missing_costs_total") == 1)
        #expect(metrics.sum("alula_metrics_refused_total") == 0)

        // Another process may look while the gateway has it open.
        let path = "\(gateway.installation.state)/alula/usage.sqlite"
        let slices = try BlockingContext.permit {
            try UsageReader.slices(at: path, in: Timestamp(milliseconds: 0)..<Timestamp.maximum)
        }
        #expect(!slices.isEmpty)
        // The command asks the gateway, and reads by itself once there is none.
        let installation = gateway.installation
        let asked = try await installation.alula("usage", "--by", "provider", "--json")
        #expect(try JSONValue.parse(Array(asked.output.utf8))["totals"] == all["totals"])
        #expect(try await gateway.stop() == .exited(0))
        let alone = try await installation.alula("usage", "--by", "provider", "--json")
        #expect(try JSONValue.parse(Array(alone.output.utf8))["totals"] == all["totals"])
        let table = try await installation.alula("usage", "--by", "model")
        #expect(table.output.contains("lab/alula/echo ") && table.errors.contains("no known cost"))
        #expect(installation.mode("alula/usage.sqlite") == 0o600)
        #expect(!installation.read("alula/usage.sqlite").contains(Self.canary))
        _ = try await behind.stop()
    }

    @Test func aCallerWhoHangsUpIsTakenDown() async throws {
        let installation = try Installation()
        let gateway = try await installation.startGateway()
        let body =
            #"{"model":"alula/echo?stall=2","stream":true,"messages":[{"role":"user","content":"\#(Self.canary)"}]}"#
        let request = gateway.request("/v1/chat/completions", body)
        let port = gateway.port
        _ = try await BlockingPool().run("http", deadline: .after(.seconds(300))) {
            try RawSocket.exchange(request, port: port, silence: 1)
        }
        var totals: JSONValue?
        while totals?["cancelled"] != 1 { totals = try await Self.usage(gateway, by: "key")["totals"] }
        #expect(totals?["requests"] == 1 && totals?["incomplete"] == 1)
        // Whatever a model at home has not counted yet costs nothing.
        #expect(totals?["missingCostEntries"] == 0)
        let metrics = try await gateway.http("/metrics")
        #expect(!metrics.contains(Self.canary))
        #expect(try await gateway.stop() == .exited(0))
        #expect(!installation.read("alula/usage.sqlite").contains(Self.canary))
    }

    /// What is on the disk when a gateway is killed is there for the next one.
    @Test func whatWasWrittenOutlivesAKill() async throws {
        let installation = try Installation()
        let first = try await installation.startGateway()
        for _ in 0..<3 { #expect(try await Self.ask(first, "alula/echo").hasPrefix("HTTP/1.1 200")) }
        #expect(try await Self.usage(first, by: "day")["totals"]?["requests"] == 3)
        _ = try await first.stop(SIGKILL)
        let between = try await installation.alula("usage", "--json")
        #expect(try JSONValue.parse(Array(between.output.utf8))["totals"]?["requests"] == 3)
        let second = try await installation.startGateway()
        #expect(try await Self.ask(second, "alula/echo").hasPrefix("HTTP/1.1 200"))
        #expect(try await Self.usage(second, by: "day")["totals"]?["requests"] == 4)
        #expect(try await second.stop() == .exited(0))
    }

    /// A database that can't be used costs records and no answer.
    @Test func aBrokenDatabaseKeepsNobodyFromAnswers() async throws {
        let installation = try Installation()
        try installation.write("alula/usage.sqlite", String(repeating: "This is no database. ", count: 400))
        let gateway = try await installation.startGateway()
        #expect(try await Self.ask(gateway, "alula/echo").hasPrefix("HTTP/1.1 200"))
        #expect(try await Self.usage(gateway, by: "model")["totals"]?["requests"] == 1)
        #expect(gateway.logText.contains("set aside"))
        #expect(try await gateway.stop() == .exited(0))
        let held = try Installation()
        try held.write("alula/usage.sqlite/in-the-way", "x")
        let other = try await held.startGateway()
        for _ in 0..<3 { #expect(try await Self.ask(other, "alula/echo").hasPrefix("HTTP/1.1 200")) }
        #expect(try await other.stop() == .exited(0))
        #expect(other.logText.contains("can't be recorded at the moment"))
    }
}

import AlulaDiagnostics
import AlulaInference
import AlulaModels
import AlulaPrimitives
import Testing

@testable import AlulaGateway

/// Requests to models by the names that dashboards for them know.
struct UsageMetricsTests {
    private let metrics = GatewayMetrics()

    private func record(
        _ model: String, _ outcome: UsageRecord.Outcome = .completed, cost: UsageCost? = UsageCost(input: 250_000_000),
        tokens: UsageTokens = UsageTokens(input: 60, output: 10, cacheRead: 40),
        operation: UsageRecord.Operation = .answer(.openAIChat)
    ) -> UsageRecord {
        UsageRecord(
            endedAt: Timestamp(milliseconds: 0), model: ModelReference(provider: "lab", model: ModelID(model)),
            operation: operation, tokens: tokens, cost: cost, duration: .milliseconds(1500), attempts: 1,
            outcome: outcome)
    }

    @Test func countsTokensTimeAndMoney() {
        metrics.requestEnded(record("m"), isListed: true)
        metrics.requestEnded(record("m", .cancelled, cost: nil), isListed: true)
        metrics.requestEnded(
            record("m", .failed("rate_limited"), cost: UsageCost(), tokens: UsageTokens()), isListed: true)
        let found = MetricsText(metrics.text())
        let model = ["gen_ai_operation_name": "chat", "gen_ai_provider_name": "lab", "gen_ai_request_model": "m"]
        func sum(_ name: String, _ more: [String: String] = [:]) -> Double? {
            found.sum(name, where: model.merging(more) { $1 })
        }
        #expect(sum("gen_ai_client_token_usage_sum", ["gen_ai_token_type": "input"]) == 200)
        #expect(sum("gen_ai_client_token_usage_sum", ["gen_ai_token_type": "output"]) == 20)
        #expect(sum("gen_ai_client_token_usage_count", ["gen_ai_token_type": "input"]) == 2)
        #expect(sum("gen_ai_client_operation_duration_seconds_count") == 3)
        #expect(sum("gen_ai_client_operation_duration_seconds_sum", ["error_type": "cancelled"]) == 1.5)
        #expect(sum("gen_ai_client_operation_duration_seconds_count", ["error_type": "rate_limited"]) == 1)
        #expect(sum("gen_ai_client_operation_duration_seconds_count", ["error_type": ""]) == 1)
        #expect(found.sum("alula_usage_cost_dollars_total") == 0.25)
        #expect(found.sum("alula_usage_missing_costs_total") == 1)
        #expect(found.sum("alula_metrics_refused_total") == 0)
    }

    @Test func vectorsAreAnOperationOfTheirOwn() {
        for dialect in Dialect.allCases {
            metrics.requestEnded(record("m", operation: .answer(dialect)), isListed: true)
        }
        metrics.requestEnded(
            record("m", tokens: UsageTokens(input: 7), operation: .embeddings), isListed: true)
        let found = MetricsText(metrics.text())
        func sum(_ name: String, _ operation: String) -> Double? {
            found.sum(name, where: ["gen_ai_operation_name": operation, "gen_ai_request_model": "m"])
        }
        #expect(sum("gen_ai_client_operation_duration_seconds_count", "chat") == 3)
        #expect(sum("gen_ai_client_operation_duration_seconds_count", "embeddings") == 1)
        #expect(sum("gen_ai_client_token_usage_sum", "embeddings") == 7)
        #expect(found.sum("alula_metrics_refused_total") == 0)
    }

    @Test func namesThatCallersMakeUpAreNoLabels() {
        for count in 0..<500 { metrics.requestEnded(record("CANARY-\(count)"), isListed: false) }
        let text = metrics.text()
        #expect(!text.contains("CANARY"))
        let found = MetricsText(text)
        #expect(
            found.sum(
                "gen_ai_client_operation_duration_seconds_count",
                where: ["gen_ai_provider_name": "lab", "gen_ai_request_model": UsageMetrics.other]) == 500)
    }

    /// More models than there is room for are one.
    @Test func theNumberOfSeriesHasABound() {
        for count in 0..<500 {
            metrics.requestEnded(record("m\(count)"), isListed: true)
            metrics.requestEnded(record("m\(count)", .failed("timeout"), cost: nil), isListed: true)
        }
        let found = MetricsText(metrics.text())
        #expect(found.values("alula_usage_cost_dollars_total").count == UsageMetrics.maximumModels)
        #expect(found.sum("alula_usage_cost_dollars_total") == 125)
        #expect(
            found.sum("alula_usage_cost_dollars_total", where: ["gen_ai_request_model": UsageMetrics.other]) == 0.25
                * 401)
        #expect(found.sum("alula_metrics_refused_total") == 0)
    }

    @Test func whatWasLostIsTold() {
        let found = MetricsText(metrics.text(UsageMetrics.samples((written: 7, lost: 2))))
        #expect(found.sum("alula_usage_records_total", where: ["result": "written"]) == 7)
        #expect(found.sum("alula_usage_records_total", where: ["result": "lost"]) == 2)
    }
}

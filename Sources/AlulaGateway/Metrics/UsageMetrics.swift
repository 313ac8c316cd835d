import AlulaDiagnostics
import AlulaInference
import AlulaModels
import AlulaPrimitives
import AlulaProtocol
import AlulaServer
import Synchronization

/// What requests to models take and cost, as far as possible by the names of OpenTelemetry's conventions for generative AI.
enum UsageMetrics {
    /// Stands for every model that no list has, and for whatever is too many.
    static let other = "_OTHER"
    /// Models that are told apart since the start; the rest is ``other``.
    static let maximumModels = 100
    static let cancelled = "cancelled"

    /// Hardly a model does both, so that they need no more room than one.
    private static let operations = ["chat", "embeddings"]
    private static let operation = MetricDefinition.Label("gen_ai_operation_name", operations)
    private static let provider = MetricDefinition.Label(
        "gen_ai_provider_name", open: "the provider, by its id here, or `_OTHER`", maximum: maximumModels)
    private static let model = MetricDefinition.Label(
        "gen_ai_request_model", open: "a model of the catalogue that was asked, or `_OTHER`", maximum: maximumModels)
    private static let tokenType = MetricDefinition.Label("gen_ai_token_type", ["input", "output"])
    /// Empty for what went well, which Prometheus takes for a label that is not there.
    static let errors = ["", cancelled] + AnswerError.Kind.allCases.map { ServerEvents.outcome($0) }
    private static let errorType = MetricDefinition.Label("error_type", errors)

    static let tokens = MetricDefinition(
        "gen_ai_client_token_usage", .histogram(.ofTokens), .count, [operation, provider, model, tokenType],
        atMost: maximumModels * 2,
        help: "Tokens of requests as providers counted them; those of a cache are `input` too.",
        worry: "One model's `input` grows while its requests don't: conversations get long.",
        absence: "no provider has counted yet.")
    static let duration = MetricDefinition(
        "gen_ai_client_operation_duration_seconds", .histogram(.ofOperations), .seconds,
        [operation, provider, model, errorType], atMost: maximumModels * errors.count,
        help: "How long requests to models took, to the end of the answer; `error_type` is empty when all went well.",
        worry: "A provider is slower than it was, or an `error_type` rises.", absence: "no model was asked yet.")
    static let cost = MetricDefinition(
        "alula_usage_cost_dollars_total", .counter, .dollars, [provider, model], atMost: maximumModels,
        help: "What requests cost in US dollars, as far as their prices are known.",
        worry: "It rises faster than you want to pay; `alula usage --by key` says who asks.",
        absence: "nothing has cost anything yet.")
    static let withoutCost = MetricDefinition(
        "alula_usage_missing_costs_total", .counter, .count, [provider, model], atMost: maximumModels,
        help: "Requests whose cost is not known, and which the sum of costs is without.",
        worry: "It rises: say what the model costs in `models.providers.*.models[].cost`.",
        absence: "the cost of every request is known.")
    static let records = MetricDefinition(
        "alula_usage_records_total", .counter, .count, [.init("result", ["written", "lost"])],
        help: "Records of requests that were written to the database of use, or lost before.",
        worry: "`lost` is above 0: the disk is full, or the database can't be used; the log says why.")

    static let all = [tokens, duration, cost, withoutCost, records]

    static func samples(_ counts: (written: UInt64, lost: UInt64)) -> [MetricSample] {
        [MetricSample(records, ["written"], counts.written), MetricSample(records, ["lost"], counts.lost)]
    }
}

/// The models that series are told apart by: as many as have room, in the order in which they were asked.
final class ModelLabels: Sendable {
    private let maximum: Int
    private let known = Mutex<Set<ModelReference>>([])

    /// - Parameter maximum: Pairs of labels at most, the one of everything else included.
    init(maximum: Int = UsageMetrics.maximumModels) { self.maximum = maximum }

    /// - Parameter isListed: Whether the catalogue has the model: names that callers make up are no labels.
    func values(of model: ModelReference, isListed: Bool) -> [String] {
        let told = isListed ? model : ModelReference(provider: model.provider, model: ModelID(UsageMetrics.other))
        let hasRoom = known.withLock { known in
            if known.contains(told) { return true }
            guard known.count < maximum - 1 else { return false }
            known.insert(told)
            return true
        }
        return hasRoom ? [told.provider.rawValue, told.model.rawValue] : [UsageMetrics.other, UsageMetrics.other]
    }
}

extension GatewayMetrics {
    /// A request to a model is over.
    ///
    /// - Parameter isListed: Whether the catalogue has the model.
    func requestEnded(_ record: UsageRecord, isListed: Bool) {
        let model = models.values(of: record.model, isListed: isListed)
        let labels = [record.operation.name] + model
        let error =
            switch record.outcome {
            case .completed: ""
            case .failed(let code): code
            case .cancelled: UsageMetrics.cancelled
            }
        observe(UsageMetrics.duration, labels + [error], record.duration)
        if record.tokens != UsageTokens() {
            observe(UsageMetrics.tokens, labels + ["input"], Double(record.tokens.read))
            observe(UsageMetrics.tokens, labels + ["output"], Double(record.tokens.output))
        }
        guard let cost = record.cost else { return count(UsageMetrics.withoutCost, model) }
        if cost.total > 0 { add(UsageMetrics.cost, model, Double(cost.total) / 1e9) }
    }
}

extension UsageRecord.Operation {
    /// OpenTelemetry's word.
    fileprivate var name: String {
        switch self {
        case .answer: "chat"
        case .embeddings: "embeddings"
        }
    }
}

import AlulaJSON
import AlulaProtocol

extension MethodTable {
    /// Work by the clock: jobs and heartbeats. There are none yet, so these answer what is true without any.
    static let schedule: [GatewayMethod] = [
        GatewayMethod(
            "cron.get", .scope(.read), job, "One job.", result: "the job",
            inServer: { (_, _, _) throws(GatewayError) in throw .invalidRequest("unknown cron job id") }),
        GatewayMethod(
            "cron.list", .scope(.read),
            .object(
                page + [
                    .optional("includeDisabled", .boolean), .optional("query", .string),
                    .optional("enabled", .enumeration(["all", "enabled", "disabled"])),
                    .optional("sortBy", .enumeration(["nextRunAtMs", "updatedAtMs", "name"])),
                    .optional("sortDir", .enumeration(["asc", "desc"])), .optional("scheduleKind", .nonEmptyString),
                    .optional("lastRunStatus", .nonEmptyString), .optional("agentId", .nonEmptyString),
                    .optional("compact", .boolean),
                ]), "The jobs.", result: "`{jobs[], total, offset, limit, hasMore, nextOffset}`",
            inServer: { parameters, _, _ in emptyPage("jobs", parameters) }),
        GatewayMethod(
            "cron.remove", .scope(.admin), job, "Forgets a job.", result: "`{ok, removed}`",
            inServer: { _, _, _ in ["ok": true, "removed": false] }),
        GatewayMethod(
            "cron.runs", .scope(.read),
            .object(
                page + [
                    .optional("scope", .enumeration(["job", "all"])), .optional("id", identifier),
                    .optional("jobId", identifier), .optional("statuses", .array(of: .nonEmptyString)),
                    .optional("status", .nonEmptyString), .optional("deliveryStatuses", .array(of: .nonEmptyString)),
                    .optional("deliveryStatus", .nonEmptyString), .optional("query", .string),
                    .optional("sortDir", .enumeration(["asc", "desc"])),
                ]), "What jobs did.", result: "`{entries[], total, offset, limit, hasMore, nextOffset}`",
            inServer: { parameters, _, _ in emptyPage("entries", parameters) }),
        GatewayMethod(
            "cron.status", .scope(.read), .nothing, "Whether jobs run, and when the next one does.",
            result: "`{enabled, storePath, jobs, nextWakeAtMs}`",
            inServer: { _, _, _ in ["enabled": false, "storePath": "", "jobs": 0, "nextWakeAtMs": .null] }),
        GatewayMethod(
            "last-heartbeat", .scope(.read), .nothing, "The last heartbeat.", result: "the event, or null",
            inServer: { _, _, _ in .null }),
    ]

    private static let identifier = ParameterSchema.text(minimumLength: 1, maximumLength: 256)
    private static let job = ParameterSchema.object([.optional("id", identifier), .optional("jobId", identifier)])
    private static let page: [ParameterSchema.Property] = [
        .optional("limit", .integer(minimum: 1, maximum: 200)), .optional("offset", .integer(minimum: 0)),
    ]

    private static func emptyPage(_ rows: String, _ parameters: JSONValue) -> JSONValue {
        [
            rows: [], "total": 0, "offset": parameters["offset"] ?? 0, "limit": parameters["limit"] ?? 50,
            "hasMore": false, "nextOffset": .null,
        ]
    }
}

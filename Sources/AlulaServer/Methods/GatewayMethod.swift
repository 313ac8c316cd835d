package import AlulaJSON
package import AlulaProtocol

/// One method that is served: everything there is to know about it.
package struct GatewayMethod: Sendable {
    /// Carries a call out by asking the rest of the gateway. Parameters have passed the schema.
    package typealias Handler =
        @Sendable (JSONValue, Caller, any GatewayOperations) async throws(GatewayError) -> JSONValue

    /// Carries a call out by what the server itself knows. Parameters have passed the schema.
    typealias ServerHandler = @Sendable (JSONValue, Caller, ServerCore) async throws(GatewayError) -> JSONValue

    /// The payload as compact JSON when it lies ready in memory; `nil` when it has to be made first. It is asked on an
    /// event loop.
    typealias ReadyAnswer = @Sendable (JSONValue, Caller, ServerCore) -> [UInt8]?

    package let name: String
    /// ``name`` as a stall report shows it.
    let label: StaticString
    package let access: MethodAccess
    package let schema: ParameterSchema
    /// One sentence for documentation.
    package let summary: String
    /// What comes back, for documentation; `nil` while nobody wrote it down.
    package let result: String?
    /// Carries a call out. Parameters have passed the schema.
    let answer: ServerHandler
    /// Answers a call at once where that takes no work, which spares it two changes of threads.
    let ready: ReadyAnswer?

    init(
        _ name: StaticString, _ access: MethodAccess, _ schema: ParameterSchema, _ summary: String,
        result: String? = nil, ready: ReadyAnswer? = nil, handler: @escaping Handler
    ) {
        self.init(
            name, access, schema, summary, result: result, ready: ready,
            inServer: { (parameters, caller, core) async throws(GatewayError) in
                try await handler(parameters, caller, core.operations)
            })
    }

    /// A method whose answer always lies ready in memory.
    init(
        _ name: StaticString, _ access: MethodAccess, _ schema: ParameterSchema, _ summary: String,
        result: String? = nil, inMemory answer: @escaping @Sendable (JSONValue, Caller, ServerCore) -> JSONValue
    ) {
        self.init(
            name, access, schema, summary, result: result,
            ready: { parameters, caller, core in answer(parameters, caller, core).serialized(.compact) },
            inServer: { parameters, caller, core in answer(parameters, caller, core) })
    }

    init(
        _ name: StaticString, _ access: MethodAccess, _ schema: ParameterSchema, _ summary: String,
        result: String? = nil, ready: ReadyAnswer? = nil, inServer answer: @escaping ServerHandler
    ) {
        self.name = name.description
        label = name
        self.access = access
        self.schema = schema
        self.summary = summary
        self.result = result
        self.answer = answer
        self.ready = ready
    }
}

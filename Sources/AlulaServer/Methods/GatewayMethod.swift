package import AlulaJSON
package import AlulaProtocol

/// One method that is served: everything there is to know about it.
package struct GatewayMethod: Sendable {
    /// Carries a call out. Parameters have passed the schema.
    package typealias Handler =
        @Sendable (JSONValue, Caller, any GatewayOperations) async throws(GatewayError) -> JSONValue

    package let name: String
    /// ``name`` as a stall report shows it.
    let label: StaticString
    package let access: MethodAccess
    package let schema: ParameterSchema
    /// One sentence for documentation.
    package let summary: String
    package let handler: Handler

    init(
        _ name: StaticString, _ access: MethodAccess, _ schema: ParameterSchema, _ summary: String,
        handler: @escaping Handler
    ) {
        self.name = name.description
        label = name
        self.access = access
        self.schema = schema
        self.summary = summary
        self.handler = handler
    }
}

import AlulaInference
import AlulaJSON
import AlulaModels

/// One row of `GET /v1/models`.
package struct OpenAIModel: Hashable, Sendable {
    package var id: String
    package var owner: String
    /// Seconds since 1970; 0 when unknown.
    package var created: Int64

    package init(id: String, owner: String, created: Int64 = 0) {
        self.id = id
        self.owner = owner
        self.created = created
    }

    /// Whether `caller` may ask it. Who may ask everything sees everything.
    func isVisible(to caller: RequestCaller) -> Bool {
        caller.models.isEmpty || ModelReference(id).map(caller.mayAsk) ?? false
    }

    /// The row as OpenAI's API has it.
    var payload: JSONValue {
        [
            "id": .string(id), "object": "model", "created": .number(created), "owned_by": .string(owner),
            "permission": [],
        ]
    }
}

package import AlulaJSON

/// The shape that an answer must have.
package enum ResponseFormat: Hashable, Sendable {
    case text
    /// Any JSON object.
    case jsonObject
    /// JSON that follows a schema.
    case jsonSchema(Schema)

    /// A schema that an answer must follow.
    package struct Schema: Hashable, Sendable {
        package var name: String
        package var description: String?
        /// A JSON schema.
        package var schema: JSONValue
        /// `nil` leaves it to the provider.
        package var isStrict: Bool?

        package init(name: String, description: String? = nil, schema: JSONValue, isStrict: Bool? = nil) {
            self.name = name
            self.description = description
            self.schema = schema
            self.isStrict = isStrict
        }
    }
}

/// How much a model thinks before it answers. `nil` leaves a choice to the provider.
package struct ReasoningOptions: Hashable, Sendable {
    /// `minimal`, `low`, `medium`, `high` and what vendors add.
    package var effort: String?
    /// In tokens; zero switches thinking off.
    package var budgetTokens: Int?
    /// How the thoughts are shown: `auto`, `concise`, `detailed`, `omitted`.
    package var summary: String?
    /// Whether the model is to think whenever and as long as it finds right.
    package var isAdaptive: Bool

    package init(
        effort: String? = nil, budgetTokens: Int? = nil, summary: String? = nil, isAdaptive: Bool = false
    ) {
        self.effort = effort
        self.budgetTokens = budgetTokens
        self.summary = summary
        self.isAdaptive = isAdaptive
    }
}

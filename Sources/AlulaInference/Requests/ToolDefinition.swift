package import AlulaJSON

/// Something that a model may ask its caller to do.
package struct ToolDefinition: Hashable, Sendable {
    package var name: String
    package var description: String?
    /// A JSON schema of the arguments; `nil` when there are none.
    package var parameters: JSONValue?
    /// Whether the arguments must follow the schema exactly; `nil` leaves it to the provider.
    package var isStrict: Bool?
    /// Members of the caller's definition that have no field of their own and change no answer where they are missing.
    package var extras: JSONObject

    package init(
        name: String, description: String? = nil, parameters: JSONValue? = nil, isStrict: Bool? = nil,
        extras: JSONObject = JSONObject()
    ) {
        self.name = name
        self.description = description
        self.parameters = parameters
        self.isStrict = isStrict
        self.extras = extras
    }
}

/// Whether a model has to call a tool.
package enum ToolChoice: Hashable, Sendable {
    /// As it likes.
    case automatic
    /// It must not.
    case none
    /// It must, whichever it likes.
    case required
    /// It must call this one.
    case tool(String)
}

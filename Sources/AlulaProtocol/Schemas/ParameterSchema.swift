/// What a method accepts, in a small language that yields the protocol's own error messages.
package indirect enum ParameterSchema: Hashable, Sendable {
    case any
    case boolean
    /// Whole numbers from `minimum` to `maximum`, where given.
    case integer(minimum: Int64? = nil, maximum: Int64? = nil)
    /// Text of a number of Unicode scalars within bounds, where given.
    case text(minimumLength: Int? = nil, maximumLength: Int? = nil)
    /// One word out of these.
    case enumeration([String])
    /// This word and no other.
    case constant(String)
    case array(of: ParameterSchema, minimumCount: Int? = nil, maximumCount: Int? = nil)
    /// Members of any name with values of one kind.
    case map(of: ParameterSchema)
    /// Members by name; others are refused unless `allowsOthers`.
    case object([Property], allowsOthers: Bool = false)

    /// One member of an object.
    package struct Property: Hashable, Sendable {
        package let name: String
        package let schema: ParameterSchema
        package let isRequired: Bool

        /// A member that must be there.
        package static func required(_ name: String, _ schema: ParameterSchema) -> Property {
            Property(name: name, schema: schema, isRequired: true)
        }

        /// A member that may be left out.
        package static func optional(_ name: String, _ schema: ParameterSchema) -> Property {
            Property(name: name, schema: schema, isRequired: false)
        }
    }

    /// Text that has at least one character.
    package static let nonEmptyString = ParameterSchema.text(minimumLength: 1)
    /// Text of any length.
    package static let string = ParameterSchema.text()
    /// Any whole number.
    package static let integer = ParameterSchema.integer()
    /// The empty object.
    package static let nothing = ParameterSchema.object([])
    /// An object whose members nobody checks.
    package static let anyObject = ParameterSchema.object([], allowsOthers: true)
}

package import AlulaJSON

/// What the configuration may hold, as the decoders read it.
///
/// It is not written by hand: ``SchemaExplorer`` lets the decoders run and takes down what they ask for, so it can't say
/// anything else than what is read.
package struct ConfigurationSchema: Sendable {
    /// What a decoder accepts at one place.
    package enum Kind: Hashable, Sendable {
        case text
        /// A text, or `false` for none.
        case textOrOff
        case flag
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        /// One of these words.
        case choice([String])
        /// A secret as text, or a reference to one.
        case secret
        /// A secret as text.
        case secretText
        /// A list of texts.
        case texts
        /// An object with keys that are known here; further ones are kept.
        case object
        /// An object whose keys are names that somebody chose.
        case map
        /// A list of ``Place/item``.
        case list
        /// Used as it is written.
        case anything
    }

    /// One place and everything below it.
    package final class Place: Sendable {
        /// The steps from the root on; `*` stands for any name in a map and any index of a list.
        package let path: ConfigurationPath
        /// As in `uiHints`: `models.providers.*.apiKey`, `agents.list[].id`.
        package let name: String
        /// In the order in which the decoders ask; several where a value can be written in several ways. Empty for what
        /// is known and kept without being read.
        package let kinds: [Kind]
        /// Whether the object around it is refused without it.
        package let isRequired: Bool
        /// Whether an object here may hold nothing but ``properties``.
        package let isClosed: Bool
        /// What counts where nothing is written; `nil` when that is nothing, or depends on something else.
        package let standard: JSONValue?
        /// The keys that are known, in the order in which they are read.
        package let properties: [(key: String, place: Place)]
        /// The values of a map, or the elements of a list.
        package let item: Place?

        init(
            path: ConfigurationPath, name: String, kinds: [Kind], isRequired: Bool, isClosed: Bool,
            standard: JSONValue?, properties: [(key: String, place: Place)], item: Place?
        ) {
            self.path = path
            self.name = name
            self.kinds = kinds
            self.isRequired = isRequired
            self.isClosed = isClosed
            self.standard = standard
            self.properties = properties
            self.item = item
        }

        /// Whether the value is kept without being read.
        package var isKept: Bool { kinds.isEmpty }
        /// Whether a secret stands here.
        package var isSecret: Bool { kinds.contains(.secret) || kinds.contains(.secretText) }
        /// Whether something is known of what stands below. A reference to a secret is one value.
        package var hasChildren: Bool { !isSecret && (item != nil || !properties.isEmpty) }

        /// What stands one step below, or `nil` when nothing is known of it.
        package subscript(key: String) -> Place? {
            properties.first { $0.key == key }?.place ?? item
        }
    }

    /// The document as a whole.
    package let root: Place

    /// The schema of this program. Made at first use, which takes a few milliseconds.
    package static let current = ConfigurationSchema(root: SchemaExplorer.explore())

    init(root: Place) { self.root = root }

    /// Every place that is known, a place before what lies below it. What lies in a reference to a secret is left out.
    package var places: [Place] {
        var found: [Place] = []
        Self.walk(root) { found.append($0) }
        return found
    }

    /// Every place where a secret stands.
    package var secretPlaces: [Place] { places.filter(\.isSecret) }

    private static func walk(_ place: Place, _ visit: (Place) -> Void) {
        if !place.path.isRoot { visit(place) }
        guard place.hasChildren else { return }
        for property in place.properties { walk(property.place, visit) }
        if let item = place.item { walk(item, visit) }
    }
}

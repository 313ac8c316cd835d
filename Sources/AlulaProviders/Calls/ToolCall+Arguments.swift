import AlulaInference
import AlulaJSON

extension Message.ToolCall {
    /// The arguments as an object, for providers that take nothing else. What a model wrote in its place is kept as a text
    /// in one.
    var argumentObject: JSONValue {
        if arguments.allSatisfy(\.isWhitespace) { return [:] }
        do throws(JSONError) {
            let value = try JSONValue.parse(arguments)
            if value.object != nil { return value }
        } catch {
            // Then it is a text.
        }
        return ["arguments": .string(arguments)]
    }
}

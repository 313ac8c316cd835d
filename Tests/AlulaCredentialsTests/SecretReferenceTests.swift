import AlulaJSON
import AlulaPrimitives
import Testing

@testable import AlulaCredentials

struct SecretReferenceTests {
    @Test(arguments: [
        (
            #"{"source":"env","provider":"default","id":"A_1"}"#,
            SecretReference(source: .environment, provider: "default", id: "A_1")
        ),
        (#"{"source":"file","provider":"f","id":"/a/b"}"#, SecretReference(source: .file, provider: "f", id: "/a/b")),
        (#"{"source":"exec","id":"a/b"}"#, SecretReference(source: .helper, provider: "default", id: "a/b")),
        (#""${A_1}""#, SecretReference(source: .environment, provider: "default", id: "A_1")),
        (#""$A_1""#, SecretReference(source: .environment, provider: "default", id: "A_1")),
        (#""secretref-env:A_1""#, SecretReference(source: .environment, provider: "default", id: "A_1")),
        (#""__env__:A_1""#, SecretReference(source: .environment, provider: "default", id: "A_1")),
        (#""$a""#, nil), (#""${A""#, nil), (#""A_1""#, nil), ("17", nil), ("{}", nil),
        (#"{"source":"env","provider":"d","id":"A","more":1}"#, nil), (#"{"source":"nope","id":"A"}"#, nil),
        (#"{"source":"env","provider":7,"id":"A"}"#, nil), (#"{"source":"env","id":" "}"#, nil),
    ])
    func readsPointers(text: String, reference: SecretReference?) throws {
        #expect(SecretReference(stored: try JSONValue.parse(text)) == reference)
    }

    @Test(arguments: [
        (SecretReference.Source.environment, "A_1", true), (.environment, "a", false), (.environment, "", false),
        (.environment, String(repeating: "A", count: 129), false), (.file, "/a", true), (.file, "value", true),
        (.file, "a", false), (.helper, "team/openai#key", true), (.helper, "a/../b", false), (.helper, "./a", false),
        (.helper, "-x", false), (.helper, "a b", false), (.helper, String(repeating: "a", count: 257), false),
    ])
    func checksIDs(source: SecretReference.Source, id: String, isValid: Bool) {
        #expect(SecretReference(source: source, provider: "p", id: id).hasValidID == isValid)
    }
}

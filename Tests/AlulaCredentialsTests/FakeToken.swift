/// Makes tokens that look like JSON web tokens and are visibly fake.
enum FakeToken {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

    static func make(_ claims: String) -> String { "\(encode(#"{"alg":"none"}"#)).\(encode(claims)).FAKE" }

    private static func encode(_ text: String) -> String {
        var result = ""
        var bits: UInt32 = 0
        var width: UInt32 = 0
        for byte in text.utf8 {
            bits = bits << 8 | UInt32(byte)
            width += 8
            while width >= 6 {
                width -= 6
                result.append(alphabet[Int(bits >> width & 63)])
            }
        }
        if width > 0 { result.append(alphabet[Int(bits << (6 - width) & 63)]) }
        return result
    }
}

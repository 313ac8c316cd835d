@main
enum Alula {
    static func main() { print("alula") }
}

//! The `innerward` command; all of it is in [`innerward::cli`].

fn main() -> std::process::ExitCode {
    innerward::cli::main()
}

//! The command `eyot`: what server islands need outside of a server. Decides nothing: core splits, audits and opens.

mod audit;
mod error;
mod inspect;
mod keys;
mod report;
mod sarif;
mod split;
mod tree;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use error::Error;

/// Server islands for every web server.
#[derive(Parser)]
#[command(name = "eyot", version, max_term_width = 100, arg_required_else_help = true)]
struct Eyot {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print a new key for EYOT_KEYS: 32 random bytes in base64
    Keygen(keys::Keygen),
    /// Split pages into shells: a file, standard input, or all pages of a static site
    Split(split::Split),
    /// Say what is wrong with pages and shells: a file, a directory, a URL, or standard input
    Audit(audit::Audit),
    /// Look into a token, or into the address of an island
    Inspect(inspect::Inspect),
    /// Print completions for a shell
    Completions(Completions),
    /// Print the manual page
    Man,
}

#[derive(Args)]
struct Completions {
    /// The shell
    shell: Shell,
}

fn main() -> ExitCode {
    let result = match Eyot::parse().command {
        Command::Keygen(keygen) => keygen.run(),
        Command::Split(split) => split.run(),
        Command::Audit(audit) => audit.run(),
        Command::Inspect(inspect) => inspect.run(),
        Command::Completions(Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Eyot::command(), "eyot", &mut script);
            print(&script)
        }
        Command::Man => manual(),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            anstream::eprintln!("eyot: {error}");
            ExitCode::from(2)
        }
    }
}

fn manual() -> Result<ExitCode, Error> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Eyot::command()).render(&mut page).map_err(|error| Error::new("the manual", &error))?;
    print(&page)
}

/// Writes to standard output. Nobody reads any more: that is no error.
fn print(bytes: &[u8]) -> Result<ExitCode, Error> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::new("standard output", &error)),
        _ => Ok(ExitCode::SUCCESS),
    }
}

#[cfg(test)]
mod tests {
    use super::{CommandFactory, Eyot};

    #[test]
    fn the_arguments_of_all_commands_go_together() {
        Eyot::command().debug_assert();
    }
}

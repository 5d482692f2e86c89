//! What the run ran on, as far as the system says.

use std::process::Command;

/// The machine and the compiler; a text says so where something is not known.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    /// The instruction sets that the candidates can make use of.
    pub(crate) flags: String,
    pub(crate) rustc: String,
}

impl Machine {
    /// A name for a file: the processor, and the widest vectors that it has.
    pub(crate) fn slug(&self) -> String {
        let model = self.processor.split_once('×').map_or(&*self.processor, |(_, model)| model).to_lowercase();
        let words = model.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let vectors = ["avx512bw", "avx2"].into_iter().find(|set| self.flags.split(' ').any(|flag| flag == *set));
        words.chain(vectors.map(|set| set.trim_end_matches("bw"))).collect::<Vec<_>>().join("-")
    }
}

/// The names under which Linux lists what searching, copying and sealing use.
const USEFUL: [&str; 14] = [
    "ssse3",
    "sse4_2",
    "avx",
    "avx2",
    "avx512f",
    "avx512bw",
    "avx512vl",
    "avx512_vbmi",
    "bmi2",
    "aes",
    "vaes",
    "pclmulqdq",
    "vpclmulqdq",
    "sha_ni",
];

const UNKNOWN: &str = "not known";

impl Machine {
    pub(crate) fn read() -> Self {
        let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let version = Command::new("rustc").arg("--version").output().ok();
        let rustc = version.and_then(|output| String::from_utf8(output.stdout).ok());
        Self::from_texts(&cpuinfo, rustc.as_deref().unwrap_or(UNKNOWN).trim())
    }

    fn from_texts(cpuinfo: &str, rustc: &str) -> Self {
        let values = |name| {
            let fields = cpuinfo.lines().filter_map(|line| line.split_once(':'));
            fields.filter(move |(key, _)| key.trim() == name).map(|(_, value)| value.trim())
        };
        let processor = match values("model name").next() {
            Some(model) => format!("{} × {model}", values("model name").count()),
            None => UNKNOWN.to_owned(),
        };
        let all: Vec<&str> = values("flags").next().unwrap_or_default().split_whitespace().collect();
        let flags: Vec<&str> = USEFUL.into_iter().filter(|flag| all.contains(flag)).collect();
        let flags = if flags.is_empty() { UNKNOWN.to_owned() } else { flags.join(" ") };
        Self { processor, flags, rustc: rustc.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::Machine;

    #[test]
    fn processors_are_counted_and_flags_picked() {
        let one = "processor\t: 0\nmodel name\t: Quick: 3000\nflags\t\t: fpu aes sse avx2\n\n";
        let machine = Machine::from_texts(&one.repeat(2), "rustc 1");
        assert_eq!((machine.processor.as_str(), machine.flags.as_str()), ("2 × Quick: 3000", "avx2 aes"));
    }

    #[test]
    fn a_machines_file_is_named_after_its_processor_and_its_vectors() {
        let slug =
            |flags: &str| Machine::from_texts(&format!("model name: Quick(R) 3000 CPU\nflags: {flags}\n"), "").slug();
        assert_eq!(slug("avx avx2 avx512f avx512bw"), "quick-r-3000-cpu-avx512");
        assert_eq!((slug("avx avx2"), slug("")), ("quick-r-3000-cpu-avx2".to_owned(), "quick-r-3000-cpu".to_owned()));
    }

    #[test]
    fn what_is_not_known_is_said_to_be() {
        let machine = Machine::from_texts("", "rustc 1");
        assert_eq!((machine.processor.as_str(), machine.flags.as_str()), ("not known", "not known"));
    }
}

//! What `install.sh` puts into a prefix is found by pkg-config and by CMake, links and runs, shared and static.

mod support;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use support::{libraries, run, scratch};

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the repository")
}

fn install(prefix: &Path) -> Command {
    let mut command = Command::new(root().join("ffi/install/install.sh"));
    command.arg(prefix).arg(libraries());
    command.env_remove("DESTDIR").env_remove("LIBDIR");
    command
}

/// One prefix for all tests that only read it.
fn prefix() -> &'static Path {
    static PREFIX: OnceLock<PathBuf> = OnceLock::new();
    PREFIX.get_or_init(|| {
        let prefix = scratch("install");
        run(&mut install(&prefix));
        prefix
    })
}

/// All files and links below a folder, links with what they point to.
fn listing(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(folder).expect("a path below").display().to_string();
            if let Ok(target) = std::fs::read_link(&path) {
                found.push(format!("{name} -> {}", target.display()));
            } else if path.is_dir() {
                open.push(path);
            } else {
                found.push(name);
            }
        }
    }
    found.sort();
    found
}

fn files(libdir: &str) -> Vec<String> {
    let mut files = vec![
        "include/eyot.h".to_owned(),
        format!("{libdir}/cmake/eyot/eyot-config-version.cmake"),
        format!("{libdir}/cmake/eyot/eyot-config.cmake"),
        format!("{libdir}/libeyot.a"),
        format!("{libdir}/libeyot.so -> libeyot.so.{}", eyot_ffi::EYOT_ABI),
        format!("{libdir}/libeyot.so.{} -> libeyot.so.{VERSION}", eyot_ffi::EYOT_ABI),
        format!("{libdir}/libeyot.so.{VERSION}"),
        format!("{libdir}/pkgconfig/eyot.pc"),
    ];
    files.sort();
    files
}

/// The shared libraries that a program asks for.
fn needed(program: &Path) -> String {
    let dynamic = run(Command::new("readelf").arg("--dynamic").arg(program));
    dynamic.lines().filter(|line| line.contains("(NEEDED)")).collect::<Vec<_>>().join("\n")
}

fn pkg_config(options: &[&str], prefix: &Path, libdir: &str) -> String {
    let mut command = Command::new("pkg-config");
    command.args(options).arg("eyot").env("PKG_CONFIG_PATH", prefix.join(libdir).join("pkgconfig"));
    run(&mut command)
}

/// Builds the C examples with their own Makefile.
fn make(name: &str, options: &[&str]) -> PathBuf {
    let build = scratch(name);
    let mut command = Command::new("make");
    command.arg("-C").arg(root().join("examples/c")).arg(format!("BUILD={}", build.display())).args(options);
    run(command.env("PKG_CONFIG_PATH", prefix().join("lib/pkgconfig")));
    build
}

fn configure(source: &Path, build: &Path, prefix: &Path, options: &[&str]) -> Command {
    let mut command = Command::new("cmake");
    command.arg("-S").arg(source).arg("-B").arg(build).args(options);
    command.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display()));
    command
}

/// Builds the C examples with their own CMake file.
fn cmake(name: &str, options: &[&str]) -> PathBuf {
    let build = scratch(name);
    run(&mut configure(&root().join("examples/c"), &build, prefix(), options));
    run(Command::new("cmake").arg("--build").arg(&build));
    build
}

/// The smallest program splits its page and opens its token.
fn greets(program: &Path) {
    let said = run(&mut Command::new(program));
    assert!(said.contains("island=\"CartCount\""), "{said}");
    assert!(said.ends_with("island 7 with props {\"shop\":\"river\"}\n"), "{said}");
}

/// A shop that runs until it is dropped.
struct Shop {
    child: Child,
    port: u16,
}

impl Shop {
    fn start(build: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let mut command = Command::new(build.join("shop"));
        command.env("PORT", port.to_string()).env("SHOP_DB", build.join("shop.sqlite3"));
        let child = command.env_remove("EYOT_KEYS").stdout(Stdio::null()).spawn().expect("the shop starts");
        Self { child, port }
    }

    fn get(&mut self, path: &str) -> String {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
                let mut answer = Vec::new();
                write!(stream, "GET {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n").expect("a request");
                stream.read_to_end(&mut answer).expect("an answer");
                return String::from_utf8_lossy(&answer).into_owned();
            }
            assert!(self.child.try_wait().expect("a child").is_none(), "the shop ended");
            assert!(Instant::now() < end, "the shop does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends it as a service manager would.
    fn stop(mut self) -> Option<i32> {
        run(Command::new("kill").arg(self.child.id().to_string()));
        self.child.wait().expect("a child").code()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The shop serves a shell, and an island of it.
fn serves(build: &Path) {
    let mut shop = Shop::start(build);
    let shell = shop.get("/p/lantern");
    assert!(shell.starts_with("HTTP/1.1 200 ") && shell.contains("s-maxage=600"), "{shell}");
    let (_, rest) = shell.split_once("island=\"CartCount\" island-src=\"").expect("an island");
    let (address, _) = rest.split_once('"').expect("an address");
    let island = shop.get(address);
    assert!(island.contains("Island: CartCount\r\n") && island.contains("<span class=\"count\">0</span>"), "{island}");
    assert_eq!(shop.stop(), Some(0));
}

/// What goes wrong when it starts is said, and by its exit status too.
fn says_why_not(build: &Path) {
    let mut command = Command::new(build.join("shop"));
    command.env("EYOT_KEYS", "a").env("SHOP_DB", build.join("never.sqlite3"));
    let output = command.output().expect("the shop starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("key 1 is not standard base64"), "{said}");
}

#[test]
fn an_empty_prefix_gets_these_files_and_no_others() {
    assert_eq!(listing(prefix()), files("lib"));
}

#[test]
fn the_shared_library_has_the_name_that_programs_ask_for() {
    let library = prefix().join(format!("lib/libeyot.so.{VERSION}"));
    let dynamic = run(Command::new("readelf").arg("--dynamic").arg(library));
    assert!(dynamic.contains(&format!("soname: [libeyot.so.{}]", eyot_ffi::EYOT_ABI)), "{dynamic}");
}

#[test]
fn pkg_config_tells_version_folders_and_libraries() {
    let flags = |options: &[&str]| pkg_config(options, prefix(), "lib");
    assert_eq!(flags(&["--modversion"]).trim(), VERSION);
    assert_eq!(flags(&["--cflags"]).trim(), format!("-I{}/include", prefix().display()));
    assert_eq!(flags(&["--libs"]).trim(), format!("-L{}/lib -leyot", prefix().display()));
    assert!(flags(&["--static", "--libs"]).contains("-lpthread"));
}

#[test]
fn examples_build_by_pkg_config_with_the_shared_library() {
    let build = make("install-make-shared", &[]);
    assert!(needed(&build.join("shop")).contains(&format!("[libeyot.so.{}]", eyot_ffi::EYOT_ABI)));
    greets(&build.join("hello"));
    serves(&build);
}

#[test]
fn examples_build_by_pkg_config_with_the_static_library() {
    let build = make("install-make-static", &["STATIC=1"]);
    assert!(!needed(&build.join("shop")).contains("eyot"));
    greets(&build.join("hello"));
    serves(&build);
    says_why_not(&build);
}

#[test]
fn examples_build_by_cmake_with_the_shared_library() {
    let build = cmake("install-cmake-shared", &[]);
    assert!(needed(&build.join("shop")).contains(&format!("[libeyot.so.{}]", eyot_ffi::EYOT_ABI)));
    greets(&build.join("hello"));
    serves(&build);
}

#[test]
fn examples_build_by_cmake_with_the_static_library() {
    let build = cmake("install-cmake-static", &["-DEYOT_STATIC=ON"]);
    assert!(!needed(&build.join("hello")).contains("eyot"));
    greets(&build.join("hello"));
}

/// Whether CMake takes the installed library for a request such as `0.1`, and what it says.
fn takes(request: &str) -> (bool, String) {
    let folder = scratch(&format!("install-request-{}", request.replace(' ', "-")));
    let project = format!(
        "cmake_minimum_required(VERSION 3.16)\nproject(request NONE)\nfind_package(eyot {request} REQUIRED)\n\
        if(NOT TARGET eyot::eyot OR NOT TARGET eyot::static)\nmessage(FATAL_ERROR targets)\nendif()\n"
    );
    std::fs::write(folder.join("CMakeLists.txt"), project).expect("a scratch file");
    let output = configure(&folder, &folder.join("build"), prefix(), &[]).output().expect("cmake");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn cmake_takes_the_versions_that_fit() {
    let [major, minor, _] =
        [env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"), env!("CARGO_PKG_VERSION_PATCH")];
    for request in [String::new(), format!("{major}.{minor}"), VERSION.to_owned(), format!("{VERSION} EXACT")] {
        let (is_taken, said) = takes(&request);
        assert!(is_taken, "{request}: {said}");
    }
}

#[test]
fn cmake_refuses_the_versions_that_do_not_fit() {
    for request in ["0.0", "0.99", "1.0", "0.1.99", "9", "0.1.99 EXACT"] {
        let (is_taken, said) = takes(request);
        assert!(!is_taken && said.contains("considered but not accepted"), "{request}: {said}");
    }
}

#[test]
fn a_package_is_staged_in_destdir_with_the_libraries_in_libdir() {
    let (destdir, libdir) = (scratch("install-destdir"), "lib/x86_64-linux-gnu");
    run(install(Path::new("/opt/eyot")).env("DESTDIR", &destdir).env("LIBDIR", libdir));
    let staged = destdir.join("opt/eyot");
    assert_eq!(listing(&destdir), files(libdir).iter().map(|file| format!("opt/eyot/{file}")).collect::<Vec<_>>());
    let told = pkg_config(&["--variable=libdir"], &staged, libdir);
    assert_eq!(told.trim(), format!("/opt/eyot/{libdir}"));
    let written = std::fs::read_to_string(staged.join(libdir).join("pkgconfig/eyot.pc")).expect("eyot.pc");
    assert!(!written.contains(destdir.to_str().expect("a path")), "{written}");
}

#[test]
fn cmake_finds_a_prefix_that_was_moved_and_has_a_libdir_of_two_parts() {
    let (first, moved) = (scratch("install-before").join("prefix"), scratch("install-moved").join("prefix"));
    run(install(&first).env("LIBDIR", "lib/x86_64-linux-gnu"));
    std::fs::rename(&first, &moved).expect("a prefix can be moved");
    let (source, build) = (scratch("install-moved-source"), scratch("install-moved-build"));
    std::fs::copy(root().join("examples/c/hello.c"), source.join("hello.c")).expect("the example");
    let project = "cmake_minimum_required(VERSION 3.16)\nproject(moved C)\nfind_package(eyot REQUIRED)\n\
        add_executable(hello hello.c)\ntarget_link_libraries(hello PRIVATE eyot::eyot)\n";
    std::fs::write(source.join("CMakeLists.txt"), project).expect("a scratch file");
    let at = moved.join("lib/x86_64-linux-gnu/cmake/eyot");
    run(&mut configure(&source, &build, &moved, &[&format!("-Deyot_DIR={}", at.display())]));
    run(Command::new("cmake").arg("--build").arg(&build));
    greets(&build.join("hello"));
}

#[test]
fn a_folder_without_the_libraries_is_told_apart_from_an_installation() {
    let (empty, prefix) = (scratch("install-nothing"), scratch("install-none"));
    let mut command = Command::new(root().join("ffi/install/install.sh"));
    let output = command.arg(&prefix).arg(&empty).output().expect("a script");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("run cargo build --release -p eyot-ffi"), "{said}");
    assert_eq!(listing(&prefix), Vec::<String>::new());
}

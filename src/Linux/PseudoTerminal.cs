using Microsoft.Win32.SafeHandles;

namespace Linux;

/// <summary>
/// A terminal (pty(7)) for a program that is one's child: <see cref="Program"/> is what the child gets. It is raw: it
/// changes no byte, since the program makes its own terminal where bytes mean something.
/// </summary>
internal sealed class PseudoTerminal : IDisposable
{
    private const int TermiosSize = 128;

    private readonly SafeFileHandle master;

    /// <exception cref="SystemCallException">There are no terminals left, or no /dev/ptmx.</exception>
    public unsafe PseudoTerminal()
    {
        master = Handle(LibC.posix_openpt(LibC.O_RDWR | LibC.O_NOCTTY | LibC.O_CLOEXEC), "open a terminal");
        var locked = 0;
        LibC.Check(LibC.ioctl(master, LibC.TIOCSPTLCK, ref locked), "unlock a terminal");
        Program = Handle(LibC.ioctl(master, LibC.TIOCGPTPEER, (nint)(LibC.O_RDWR | LibC.O_NOCTTY | LibC.O_CLOEXEC)), "open a terminal's other end");
        var settings = stackalloc byte[TermiosSize];
        LibC.Check(LibC.tcgetattr(Program, settings), "tcgetattr");
        LibC.cfmakeraw(settings);
        LibC.Check(LibC.tcsetattr(Program, LibC.TCSANOW, settings), "tcsetattr");
        Output = new DescriptorStream(master, FileAccess.Read);
        Input = new DescriptorStream(Handle(LibC.fcntl(master, LibC.F_DUPFD_CLOEXEC, 0), "dup"), FileAccess.Write);
    }

    /// <summary>The child's end; to be closed here once the child has it.</summary>
    public SafeFileHandle Program { get; }

    public Stream Output { get; }

    public Stream Input { get; }

    /// <summary>Does not tell the program, which gets SIGWINCH only if this is its controlling terminal.</summary>
    public void Resize(int columns, int rows) =>
        LibC.ioctl(master, LibC.TIOCSWINSZ, new LibC.winsize { ws_col = (ushort)columns, ws_row = (ushort)rows });

    public void Dispose()
    {
        Program.Dispose();
        Output.Dispose();
        Input.Dispose();
    }

    private static SafeFileHandle Handle(int descriptor, string what) => new(LibC.Check(descriptor, what), ownsHandle: true);
}

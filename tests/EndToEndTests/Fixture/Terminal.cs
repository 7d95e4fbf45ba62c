using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace EndToEndTests.Fixture;

/// <summary>A line that runs in a terminal (script's pseudo terminal), with somebody who reads and types.</summary>
internal sealed partial class Terminal : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _screen = new();
    private readonly Task _reading;

    public Terminal(string line, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("script", ["--quiet", "--return", "--flush", "--command", line, "/dev/null"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        // Without a shell of one kind the program that asks for it decides how a line is read.
        start.Environment["SHELL"] = "/bin/bash";
        _process = Process.Start(start)!;
        _reading = Task.WhenAll(Read(_process.StandardOutput), Read(_process.StandardError));
    }

    /// <summary>All that was printed, with the ends of lines of a text file and without the terminal's own sequences (ECMA-48, CSI).</summary>
    public string Screen
    {
        get
        {
            lock (_screen) return Sequence().Replace(_screen.ToString(), "").Replace("\r", "", StringComparison.Ordinal);
        }
    }

    [GeneratedRegex(@"\x1b\[[0-9;?]*[@-~]")]
    private static partial Regex Sequence();

    /// <summary>Types a line and Enter.</summary>
    public Task Type(string line) => TypeKeys(line + "\n");

    /// <summary>Types keys, e.g. "\u0003" for Ctrl-C.</summary>
    public async Task TypeKeys(string keys)
    {
        await _process.StandardInput.WriteAsync(keys);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits until the screen has this.</summary>
    public Task<string> Shows(string pattern) =>
        Eventually.Get($"the terminal shows {pattern}", () => Task.FromResult(Screen), screen => Regex.IsMatch(screen, pattern));

    /// <summary>Waits until the line has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> Ended()
    {
        await Eventually.Get($"the terminal's line ends; the screen: {Screen}", () => Task.FromResult(_process.HasExited), ended => ended);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private async Task Read(StreamReader from)
    {
        var buffer = new char[4096];
        for (int count; (count = await from.ReadAsync(buffer)) > 0;)
            lock (_screen) _screen.Append(buffer, 0, count);
    }
}

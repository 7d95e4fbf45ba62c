using System.Collections;
using System.Runtime.InteropServices;
using Linux;

namespace Lab;

/// <summary>Becomes another program, which then has this process's terminal, streams and place in the caller's eyes.</summary>
internal static class Exec
{
    /// <param name="command">The first is the path of a program.</param>
    /// <exception cref="SystemCallException">There is no such program; else it does not return.</exception>
    public static void Become(IReadOnlyList<string> command)
    {
        LibC.signal(LibC.SIGPIPE, 0); // .NET ignores it, and what is ignored stays ignored in the next program
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(variable => $"{variable.Key}={variable.Value}");
        LibC.execve(command[0], [.. command, null], [.. environment, null]);
        throw new SystemCallException(command[0], Marshal.GetLastPInvokeError());
    }
}

using System.Runtime.InteropServices;

namespace Linux;

/// <summary>One refused message of a request.</summary>
/// <param name="Message">Which one, from 0.</param>
/// <param name="What">What it was to do.</param>
/// <param name="Errno">The positive error number.</param>
/// <param name="Text">The kernel's own words (extended ack), where it has some.</param>
public sealed record NetlinkFailure(int Message, string What, int Errno, string? Text)
{
    public override string ToString() =>
        $"{What}: {Marshal.GetPInvokeErrorMessage(Errno)} (errno {Errno}){(Text is null ? "" : $": {Text}")}";
}

/// <summary>The kernel refused one or more messages of a request; the others have been carried out.</summary>
public sealed class NetlinkException(IReadOnlyList<NetlinkFailure> failures) : IOException(string.Join("; ", failures))
{
    public IReadOnlyList<NetlinkFailure> Failures => failures;

    /// <summary>The error number of the first.</summary>
    public int Errno => failures[0].Errno;
}

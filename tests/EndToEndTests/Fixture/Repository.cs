using System.Runtime.CompilerServices;

namespace EndToEndTests.Fixture;

/// <summary>Where things are in the checkout that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Path.GetFullPath("../../..", Path.GetDirectoryName(ThisFile())!);

    /// <summary>The guide's manifests.</summary>
    public static string Guide => $"{Root}/scripts/guide";

    /// <summary>Debian 12's kubectl, made by scripts/kubectl-1.20.</summary>
    public static string OldKubectl => $"{Root}/out/kubectl-1.20/kubectl";

    private static string ThisFile([CallerFilePath] string path = "") => path;
}

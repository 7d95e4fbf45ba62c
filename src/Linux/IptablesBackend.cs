namespace Linux;

/// <summary>
/// iptables exists twice in the kernel: the old tables ("legacy") and a translation into nf_tables ("nft"). Rules in both at once work against
/// each other, so everybody on a machine has to use the same.
/// </summary>
public enum IptablesBackend
{
    Nft,
    Legacy,
}

/// <summary>Finds out which back end a machine uses.</summary>
public static class IptablesBackends
{
    /// <summary>Chains by which kubelet and kube-proxy mark the back end that is in use, for programs such as this.</summary>
    private static readonly string[] Hints = ["KUBE-IPTABLES-HINT", "KUBE-KUBELET-CANARY"];

    /// <summary>
    /// The back end with Kubernetes' mark in it; else the one with more rules; else the one behind plain <c>iptables</c>
    /// (update-alternatives). Looking creates no table.
    /// </summary>
    /// <exception cref="IOException">No iptables is installed.</exception>
    public static async Task<IptablesBackend> Detect(RunProgram? run = null, CancellationToken cancel = default)
    {
        run ??= Iptables.RunHere;
        var (nft, legacy) = (await Saved(IptablesBackend.Nft), await Saved(IptablesBackend.Legacy));
        if (nft is null || legacy is null) return nft is not null || legacy is null ? await Default(run, cancel) : IptablesBackend.Legacy;
        if (IsMarked(nft) != IsMarked(legacy)) return IsMarked(nft) ? IptablesBackend.Nft : IptablesBackend.Legacy;
        var (nftRules, legacyRules) = (Rules(nft), Rules(legacy));
        if (nftRules != legacyRules) return nftRules > legacyRules ? IptablesBackend.Nft : IptablesBackend.Legacy;
        return await Default(run, cancel);

        async Task<string?> Saved(IptablesBackend backend)
        {
            try { return (await run(Iptables.Program(backend, "save"), [], null, cancel)).Output; }
            catch (System.ComponentModel.Win32Exception) { return null; } // this one is not installed
        }
    }

    private static bool IsMarked(string saved) => Hints.Any(hint => saved.Contains($":{hint} ", StringComparison.Ordinal));

    private static int Rules(string saved) => saved.Split('\n').Count(line => line.StartsWith("-A ", StringComparison.Ordinal));

    private static async Task<IptablesBackend> Default(RunProgram run, CancellationToken cancel)
    {
        try { return (await run("iptables", ["-V"], null, cancel)).Output.Contains("(nf_tables)") ? IptablesBackend.Nft : IptablesBackend.Legacy; }
        catch (System.ComponentModel.Win32Exception missing) { throw new IOException("there is no iptables here (Debian package: iptables)", missing); }
    }
}

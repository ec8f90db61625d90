<#
.SYNOPSIS
Compresses and deletes old log files on Windows, for the Task Scheduler.

.DESCRIPTION
The server rotates its own log files by size and age (logging.rotate_megabytes, rotate_days and keep_days of
config/iter_training.yaml). On Windows it cannot rename a file that another process holds open, such as the
logs\uvicorn.log that a shell redirects into, so this script does what the runbook's two cron lines do on Linux:
log files that nobody has written to for 30 days become .gz, and .gz files older than 90 days are deleted.
A file that is in use is left for the next run.

.EXAMPLE
powershell -ExecutionPolicy Bypass -File scripts\rotate_logs.ps1

.EXAMPLE
powershell -File scripts\rotate_logs.ps1 -CompressAfterDays 7 -DeleteAfterDays 30 -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [string] $LogFolder = (Join-Path (Split-Path -Parent $PSScriptRoot) 'logs'),
    [ValidateRange(1, 3650)] [int] $CompressAfterDays = 30,
    [ValidateRange(1, 3650)] [int] $DeleteAfterDays = 90
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Compress-LogFile([System.IO.FileInfo] $File) {
    # Opening with no sharing fails while a server still writes, so no line can be lost.
    $source = [System.IO.File]::Open($File.FullName, 'Open', 'Read', 'None')
    try {
        $unfinished = "$($File.FullName).gz.tmp"
        $target = [System.IO.File]::Create($unfinished)
        try {
            $gzip = New-Object System.IO.Compression.GZipStream($target, [System.IO.Compression.CompressionMode]::Compress)
            try { $source.CopyTo($gzip) } finally { $gzip.Dispose() }
        }
        finally { $target.Dispose() }
    }
    finally { $source.Dispose() }
    [System.IO.File]::SetLastWriteTimeUtc($unfinished, $File.LastWriteTimeUtc)
    Move-Item -LiteralPath $unfinished -Destination "$($File.FullName).gz" -Force
    Remove-Item -LiteralPath $File.FullName
}

if (-not (Test-Path -LiteralPath $LogFolder -PathType Container)) {
    Write-Output "There is no folder $LogFolder, so there is nothing to rotate."
    exit 0
}

$now = [DateTime]::UtcNow
$inUse = 0

Get-ChildItem -LiteralPath $LogFolder -Recurse -File -Filter '*.log' |
    Where-Object { $_.Extension -eq '.log' -and $_.LastWriteTimeUtc -lt $now.AddDays(-$CompressAfterDays) } |
    ForEach-Object {
        $file = $_
        if ($PSCmdlet.ShouldProcess($file.FullName, 'compress')) {
            try { Compress-LogFile $file }
            catch [System.IO.IOException] {
                $inUse += 1
                Write-Warning "$($file.FullName) is left for the next run: $($_.Exception.Message)"
            }
        }
    }

Get-ChildItem -LiteralPath $LogFolder -Recurse -File -Filter '*.log.gz' |
    Where-Object { $_.LastWriteTimeUtc -lt $now.AddDays(-$DeleteAfterDays) } |
    ForEach-Object {
        if ($PSCmdlet.ShouldProcess($_.FullName, 'delete')) { Remove-Item -LiteralPath $_.FullName }
    }

if ($inUse -gt 0) { exit 1 }

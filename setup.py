"""Says the one thing pyproject.toml cannot: the folder config/ travels inside the wheel as monitor/shipped."""

from setuptools import find_namespace_packages, setup

setup(
    packages=[*find_namespace_packages(include=["monitor*", "watchers*"]), "monitor.shipped"],
    package_dir={"monitor.shipped": "config"},
)

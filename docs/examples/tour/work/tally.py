"""Adds up every sales file in /sales and writes a report, in words that can be read aloud, to /out/report.txt."""
import csv
import os

totals = {}
items = {}
rows = 0
for name in sorted(os.listdir('/sales')):
    if not name.endswith('.csv'):
        continue
    shop = name.removesuffix('.csv')
    totals[shop] = 0
    with open(f'/sales/{name}', newline='') as file:
        for row in csv.DictReader(file):
            cents = int(row['quantity']) * round(float(row['unit_price']) * 100)
            totals[shop] += cents
            items[row['item']] = items.get(row['item'], 0) + int(row['quantity'])
            rows += 1

best_shop = max(totals, key=totals.get)
best_item = max(items, key=items.get)
report = (
    f'{len(totals)} shops sold {sum(items.values())} things for {sum(totals.values()) // 100} euros. '
    f'The best shop is {best_shop}. The best seller is {best_item}.\n'
)
# Written beside and then renamed, so that a reader sees the whole report or none.
with open('/out/report.txt.new', 'w') as file:
    file.write(report)
os.rename('/out/report.txt.new', '/out/report.txt')
print(f'{rows} sales in {len(totals)} files, {sum(totals.values()) / 100:,.2f} euros: wrote /out/report.txt')
